import { UserAgent } from '../actors/user-agent.js';
import { startWorld, type World } from '../world.js';

/** Rule: 1,000 parallel uses of one refresh token give one successor; of one code, one token set, and that one revoked. */
let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 360_000);
afterAll(() => world?.close());

const SCOPE = 'openid photos:read online_access';

/** In waves of connections, as a burst from many machines arrives; every one is sent before the first answer is looked at. */
async function thousand<T>(one: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: 1_000 }, one));
}

describe('1,000 parallel uses', () => {
  it('of one refresh token give one successor', async () => {
    const first = await world.tokensFor(new UserAgent(), world.shop, SCOPE);
    const shop = world.raw('photo-shop');
    const gid = (await world.raw('gateway').introspect(first.access_token)).body.gid;
    const before = await sequenceOf(gid);
    const answers = await thousand(() => shop.refresh(first.refresh_token));
    const granted = answers.filter(({ status }) => status === 200);
    expect(answers.filter(({ status }) => status >= 500 && status !== 503)).toEqual([]);
    expect(granted.length).toBeGreaterThan(0);
    const successors = new Set(granted.map(({ body }) => body.refresh_token));
    expect(successors.size).toBe(1);
    expect(await sequenceOf(gid)).toBe(before + 1);
    expect((await shop.refresh(String([...successors][0]))).status).toBe(200);
  }, 360_000);

  it('of one code give one token set, and that one is revoked', async () => {
    const { started, code } = await world.signInAt(new UserAgent(), world.shop, SCOPE);
    const shop = world.raw('photo-shop');
    const answers = await thousand(() => shop.exchange(code ?? '', started.verifier, world.shop.callback));
    const granted = answers.filter(({ status }) => status === 200);
    expect(answers.filter(({ status }) => status >= 500 && status !== 503)).toEqual([]);
    expect(granted).toHaveLength(1);
    expect(await world.isActive(String(granted[0]?.body.access_token))).toBe(false);
    const again = await world.patient('photo-shop').refresh(String(granted[0]?.body.refresh_token));
    expect(again).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  }, 360_000);
});

async function sequenceOf(gid: unknown): Promise<number> {
  const [grant] = await world.stand.database.query<{ refresh_seq: string }>('SELECT refresh_seq FROM token.grants WHERE gid = $1', [gid]);
  return Number(grant?.refresh_seq);
}
