import { CheckpointGate, until, WayToPostgres } from '#libs/testing';
import type { Answer } from '../actors/raw-client.js';
import { UserAgent } from '../actors/user-agent.js';
import { startWorld, type World } from '../world.js';

/** The token service's database falls silent: its connections stay open, and nothing comes back. The others have theirs. */
const SCOPE = 'openid photos:read online_access';
const BOUND_MS = 4_000;

const gate = new CheckpointGate();
let world: World;
let way: WayToPostgres;
beforeAll(async () => {
  world = await startWorld({ checkpoints: gate });
  way = await WayToPostgres.to(world.stand.database.url('lanyard_token'));
  await world.services.stopOne('token');
  await world.services.startAnother('token', { DATABASE_URL: way.url });
  await world.stand.ready('token');
}, 120_000);
afterEach(async () => {
  gate.releaseAll();
  way.answerAgain();
  await world.stand.ready('token');
});
afterAll(async () => {
  await way?.close();
  await world?.close();
});

async function timed(asked: Promise<Answer>): Promise<{ status: number; retryAfter: string | null; ms: number }> {
  const began = performance.now();
  const { status, headers } = await asked;
  return { status, retryAfter: headers.get('retry-after'), ms: performance.now() - began };
}

function inTime(answers: readonly Awaited<ReturnType<typeof timed>>[]): void {
  for (const { status, retryAfter, ms } of answers) {
    expect({ status, retryAfter }).toEqual({ status: 503, retryAfter: expect.stringMatching(/^\d+$/) });
    expect(ms).toBeLessThan(BOUND_MS);
  }
}

it('every request is answered 503 in time, the first and those after it, and it serves again by itself', async () => {
  const shop = world.raw('photo-shop');
  const families = await Promise.all(Array.from({ length: 6 }, () => world.tokensFor(new UserAgent(), world.shop, SCOPE)));
  const refreshAll = () => Promise.all(families.map(({ refresh_token }) => timed(shop.refresh(refresh_token))));
  way.fallSilent();
  inTime(await refreshAll());
  inTime(await refreshAll());
  way.answerAgain();
  const began = performance.now();
  const [first] = families;
  const again = await until(async () => {
    const answer = await shop.refresh(first?.refresh_token ?? '');
    return answer.status === 200 && answer;
  });
  expect(performance.now() - began).toBeLessThan(BOUND_MS);
  expect(again.body.refresh_token).not.toBe(first?.refresh_token);
}, 60_000);

it('a code whose exchange was about to commit is unspent: 503, and then its tokens, once', async () => {
  const { started, code } = await world.signInAt(new UserAgent(), world.shop, SCOPE);
  const shop = world.raw('photo-shop');
  const exchange = () => shop.exchange(code ?? '', started.verifier, world.shop.callback);
  const place = gate.hold('token.code.before-commit');
  const held = exchange();
  await Promise.race([place.reached, held.then(({ status, body }) => Promise.reject(new Error(`${status} ${JSON.stringify(body)}`)))]);
  way.fallSilent();
  place.release();
  inTime([await timed(held)]);
  way.answerAgain();
  const began = performance.now();
  const granted = await until(async () => {
    const answer = await exchange();
    return answer.status !== 503 && answer;
  });
  expect(granted.status).toBe(200);
  expect(performance.now() - began).toBeLessThan(BOUND_MS);
  expect((await exchange()).status).toBe(400);
}, 60_000);
