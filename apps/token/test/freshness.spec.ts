import { TokenWorld } from './token-world.js';

/** Promise 3: what asks no truth is made only while the view is fresh, by the moment in which the answer is sent. */
let world: TokenWorld;
beforeAll(async () => {
  world = await TokenWorld.start();
}, 180_000);
afterAll(() => world?.stop());
afterEach(async () => {
  world.gate.releaseAll();
  await world.rows('GRANT EXECUTE ON FUNCTION auth.take_ticket() TO lanyard_log');
  await world.services.world.ready('token');
});

const unavailable = { status: 503, body: { error: 'temporarily_unavailable' } };
const OFFLINE = { client_id: 'photo-backup', access_mode: 'offline' as const, scope: ['openid', 'photos:read', 'offline_access'] };
const credentials = () => world.post('/token', { grant_type: 'client_credentials' }, 'print-press');

/** No proof of completeness can be had of one source: all are needed. */
async function viewGoesStale(): Promise<void> {
  await world.rows('REVOKE EXECUTE ON FUNCTION auth.take_ticket() FROM lanyard_log');
  await world.until(async () => !(await fetch(`${world.services.world.internalUrl('token')}/health/ready`)).ok);
}

describe('while the revocation view is not fresh', () => {
  it('client credentials and offline refreshes are 503, an online refresh asks truth and is answered', async () => {
    const [online, offline] = [await world.tokens(), await world.tokens(OFFLINE)];
    await viewGoesStale();
    const answer = await credentials();
    expect(answer).toMatchObject(unavailable);
    expect(answer.headers.get('retry-after')).toBeTruthy();
    expect(await world.refresh(offline.refresh_token, {}, 'photo-backup')).toMatchObject(unavailable);
    expect((await world.grant(offline.sid)).refresh_seq).toBe(1);
    expect((await world.refresh(online.refresh_token)).status).toBe(200);
  });

  it.each(['before-mint', 'before-answer'])('client credentials held at %s until it is stale answer nothing', async (place) => {
    const held = world.gate.hold(`token.client-credentials.${place}`);
    const answer = credentials();
    await held.reached;
    await viewGoesStale();
    held.release();
    expect(await answer).toMatchObject(unavailable);
  });

  it('an offline refresh held until it is stale is a 503, and its retry a lost response', async () => {
    const { refresh_token } = await world.tokens(OFFLINE);
    const held = world.gate.hold('token.refresh.before-answer');
    const answer = world.refresh(refresh_token, {}, 'photo-backup');
    await held.reached;
    await viewGoesStale();
    held.release();
    expect(await answer).toMatchObject(unavailable);
    await world.rows('GRANT EXECUTE ON FUNCTION auth.take_ticket() TO lanyard_log');
    await world.services.world.ready('token');
    expect((await world.refresh(refresh_token, {}, 'photo-backup')).status).toBe(200);
  });
});
