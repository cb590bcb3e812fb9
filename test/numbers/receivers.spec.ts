import { sessionApi } from '#libs/contracts';
import { LogoutReceiver, until } from '#libs/testing';
import { verifyLogoutToken } from '../actors/logout-token.js';
import { UserAgent } from '../actors/user-agent.js';
import { startWorld, type World } from '../world.js';
import { percentile } from './ends-history.js';

const ENDS = 25;
const SCOPE = 'openid photos:read online_access';
const CLIENTS = ['photo-shop', 'photo-book', 'photo-backup'] as const;
/** How long a receiver is given by the service before an attempt counts as stalled. */
const RECEIVER_TIMEOUT_MS = 5_000;

/** Through /logout, as a person signs out: the page must not wait for any receiver, and no logout token may be lost to a bad minute of one. */
describe('a receiver that refuses connections, one that stalls, one that answers 503', () => {
  let world: World;
  let again: LogoutReceiver | undefined;
  const sids: string[] = [];
  const figures: Record<'good' | 'bad', number[]> = { good: [], bad: [] };

  beforeAll(async () => {
    world = await startWorld({ settings: { confirm_wait_ms: 150 } });
    // consent is asked once
    await signOut(await signedIn());
  }, 360_000);
  afterAll(async () => {
    await again?.close();
    await world?.close();
  }, 180_000);

  async function signedIn() {
    const agent = new UserAgent();
    const tokens = await world.tokensFor(agent, world.shop, SCOPE);
    const sid = String((await world.raw('gateway').introspect(tokens.access_token)).body.sid);
    // the two others take part in the session: what a code exchange of theirs would record
    for (const participant of CLIENTS) await world.stand.call('token', sessionApi.truth, { sid, participant });
    return { agent, sid, ...tokens };
  }

  /** Answers how long it took until the browser was sent back to the shop. */
  async function signOut({ agent, id_token, access_token }: Awaited<ReturnType<typeof signedIn>>): Promise<number> {
    const url = world.shop.logoutUrl(id_token, 'bye');
    const started = performance.now();
    const page = await agent.open(url, world.shop.isMine);
    const took = performance.now() - started;
    expect(page.url.href).toBe(`${world.shop.signedOut}?state=bye`);
    expect(await world.isActive(access_token)).toBe(false);
    return took;
  }

  /** Attempts at what is still owed to a client, how many are untried, and when the first is due again. */
  const tried = async (client: string) => {
    const [row] = await world.stand.database.query<{ attempts: string | null; untried: string; due_in: number | null }>(
      `SELECT sum(attempts) AS attempts, count(*) FILTER (WHERE attempts = 0) AS untried,
         extract(epoch FROM min(due_at) - lanyard.now())::float8 * 1000 AS due_in
       FROM session.delivery WHERE state = 'pending' AND client_id = $1`,
      [client],
    );
    return { attempts: Number(row?.attempts ?? 0), untried: Number(row?.untried), dueIn: row?.due_in ?? 0 };
  };

  it('with good receivers: how long signing out takes', async () => {
    for (let n = 0; n < ENDS; n++) figures.good.push(await signOut(await signedIn()));
    await world.everybodyTold();
  }, 180_000);

  it('with the bad ones: signing out is not held up', async () => {
    const { 'photo-shop': refusing, 'photo-book': stalling, 'photo-backup': unavailable } = world.receivers;
    const port = Number(new URL(refusing.url).port);
    await refusing.close();
    stalling.answerAlways('hang');
    unavailable.answerAlways({ status: 503 });
    for (let n = 0; n < ENDS; n++) {
      const session = await signedIn();
      sids.push(session.sid);
      figures.bad.push(await signOut(session));
    }
    const [good, bad] = [figures.good, figures.bad].map((all) => [0.5, 0.99].map((share) => percentile(all, share)));
    const line = (name: string, [p50 = 0, p99 = 0]: number[] = []) => `| ${name} | ${ENDS} | ${p50.toFixed(1)} ms | ${p99.toFixed(1)} ms |`;
    const ratio = ((bad?.[0] ?? 0) / (good?.[0] ?? 1)).toFixed(2);
    process.stdout.write(`\n${line('good receivers', good)}\n${line('bad receivers', bad)}\nratio of the p50: ${ratio}\n`);
    expect(Math.max(...figures.bad)).toBeLessThan(RECEIVER_TIMEOUT_MS / 2);
    // a minute of it by the database's clock, with attempts that fail in it
    for (let passed = 0; passed < 60_000; passed += 20_000) {
      const [shop, backup] = [await tried('photo-shop'), await tried('photo-backup')];
      // the wait doubles with each attempt: on a slow machine the next one may be further away than 20 s
      await world.advance(Math.ceil(Math.max(20_000, shop.dueIn, backup.dueIn)));
      await until(async () => (await tried('photo-shop')).attempts > shop.attempts, {
        timeoutMs: 30_000,
        what: 'tried again where connections are refused',
      });
      await until(async () => (await tried('photo-backup')).attempts > backup.attempts, {
        timeoutMs: 30_000,
        what: 'tried again where 503 is answered',
      });
    }
    await until(async () => (await tried('photo-book')).attempts > 0, { timeoutMs: 15_000, what: 'an attempt given up for stalling' });
    expect((await tried('photo-shop')).untried + (await tried('photo-backup')).untried).toBe(0);
    expect(await world.openDeliveries()).toBe(CLIENTS.length * ENDS);
    again = await LogoutReceiver.start(port);
  }, 360_000);

  it('when they are back: every logout token is delivered', async () => {
    const { 'photo-book': stalling, 'photo-backup': unavailable } = world.receivers;
    if (!again) throw new Error('the receiver that refused is not back');
    const told = [
      ['photo-shop', again, 0],
      ['photo-book', stalling, 0],
      ['photo-backup', unavailable, unavailable.deliveries.length],
    ] as const;
    for (const receiver of [stalling, unavailable]) receiver.answerAlways({ status: 200 });
    stalling.release();
    await world.everybodyTold();
    const states = await world.stand.database.query('SELECT state, count(*)::int AS n FROM session.delivery GROUP BY state');
    expect(states).toEqual([{ state: 'delivered', n: CLIENTS.length * (2 * ENDS + 1) }]);
    for (const [clientId, receiver, since] of told) {
      const expected = { issuer: world.issuer, clientId, jwksUri: world.metadata.jwks_uri };
      const tokens = await Promise.all(receiver.deliveries.slice(since).map(({ logoutToken }) => verifyLogoutToken(logoutToken, expected)));
      expect(tokens.map(({ sid }) => sid)).toEqual(expect.arrayContaining(sids));
    }
  }, 360_000);
});
