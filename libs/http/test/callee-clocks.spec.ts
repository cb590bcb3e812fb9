import { type HttpApp, InternalClient } from '../src/index.js';
import { CalleeClocks } from '../src/internal/callee-clocks.js';
import { ServiceTokens } from '../src/internal/service-tokens.js';
import { Doors, double, forToken, hint, keys, start } from './doors.js';

let session: HttpApp;
const clients: InternalClient[] = [];
beforeAll(async () => {
  session = await start('session', Doors);
});
afterAll(async () => {
  for (const client of clients) await client.onApplicationShutdown();
  await session?.close();
});

/** auth, on a machine whose clock is off. */
function callerOff(seconds: number): { client: InternalClient; made: () => number } {
  const nowSeconds = jest.fn(() => Math.floor(Date.now() / 1_000) + seconds);
  const tokens = new ServiceTokens('auth', { privateJwk: keys.privateJwk('auth'), publicJwks: keys.jwks }, nowSeconds);
  const asked = jest.spyOn(tokens, 'for');
  const { internalUrl } = session;
  const internalUrls = { auth: internalUrl, token: internalUrl, session: internalUrl, introspect: internalUrl };
  const client = new InternalClient({ internalUrls }, tokens);
  clients.push(client);
  return { client, made: () => asked.mock.calls.length };
}

describe('a caller whose clock is off (race 11)', () => {
  it.each([300, -300, 600, -600])('by %i s is answered: it learns the callee’s time from the first refusal', async (seconds) => {
    const { client, made } = callerOff(seconds);
    expect(await client.call(double, { n: 4 })).toEqual({ n: 8, caller: 'auth' });
    expect(made()).toBe(2);
    expect(await client.call(hint, {}, { baseUrl: session.internalUrl })).toEqual({});
    expect(made()).toBe(3);
  });

  it('by an hour is refused, and asks once: such a clock is broken', async () => {
    const { client, made } = callerOff(3_600);
    await expect(client.call(double, { n: 4 })).rejects.toMatchObject({ kind: 'refused', status: 401 });
    expect(made()).toBe(1);
  });

  it('is still told what it may not do', async () => {
    await expect(callerOff(300).client.call(forToken, {})).rejects.toMatchObject({ kind: 'refused', status: 403 });
  });
});

describe('what a refusal says of the time', () => {
  it.each(['', 'yesterday', undefined])('is nothing when its Date is %j', (date) => {
    const clocks = new CalleeClocks(() => 1_000);
    clocks.refused('http://a', date);
    expect(clocks.aheadOf('http://a')).toBe(0);
  });

  it('counts for that callee alone', () => {
    const clocks = new CalleeClocks(() => 1_000);
    clocks.refused('http://a', new Date(1_304_000).toUTCString());
    expect([clocks.aheadOf('http://a'), clocks.aheadOf('http://b')]).toEqual([300, 0]);
  });
});
