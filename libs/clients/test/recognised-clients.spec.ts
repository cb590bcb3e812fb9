import type { ClientRecord } from '#libs/contracts';
import { ClientAuthenticator, ClientDirectory } from '../src/index.js';
import { CountingCounter, pepper, record, STRONG, settings, WEAK } from './client-fixture.js';

const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

function world(...records: ClientRecord[]) {
  const known = new Map(records.map((one) => [one.client_id, one]));
  const killed = new Set<string>();
  const clock = { now: 0 };
  const asked = { macs: 0 };
  const view = { freshness: () => ({ fresh: true }), refusesClient: (id: string) => killed.has(id) };
  const source = { read: async (id: string) => known.get(id) ?? null };
  const directory = new ClientDirectory({ source, settings, view, now: () => clock.now });
  const counting = Object.assign(Object.create(pepper) as typeof pepper, {
    mac: (...args: Parameters<typeof pepper.mac>) => {
      asked.macs += 1;
      return pepper.mac(...args);
    },
  });
  const failures = new CountingCounter();
  const authenticator = new ClientAuthenticator(directory, failures, counting);
  const sent = (authorization: string, form: Record<string, string> = {}) => ({
    ...{ authorization, address: '192.0.2.1' },
    params: { get: (name: string) => form[name] },
  });
  return {
    ...{ directory, failures, killed, clock, asked },
    change: (one: ClientRecord) => known.set(one.client_id, one),
    authenticate: (authorization: string) => authenticator.authenticate(sent(authorization)),
    recognise: (authorization: string, form?: Record<string, string>) => authenticator.recognise(sent(authorization, form)),
  };
}

describe('a header that proved a client', () => {
  it('is recognised without a hash, a promise or a store', async () => {
    const w = world(record('shop'));
    expect(w.recognise(basic('shop', STRONG))).toBeNull();
    const client = await w.authenticate(basic('shop', STRONG));
    expect(w.recognise(basic('shop', STRONG))).toBe(client);
    expect(w.recognise(basic('shop', STRONG), { client_id: 'shop' })).toBe(client);
    expect({ macs: w.asked.macs, touched: w.failures.touched }).toEqual({ macs: 1, touched: 0 });
  });

  it.each([
    ['with a secret in the body', { client_secret: STRONG }],
    ['with an assertion in the body', { client_assertion: 'x' }],
    ['with an assertion type in the body', { client_assertion_type: 'x' }],
    ['with another client_id in the body', { client_id: 'other' }],
  ] as [string, Record<string, string>][])('is looked at anew %s', async (_what, form) => {
    const w = world(record('shop'));
    await w.authenticate(basic('shop', STRONG));
    expect(w.recognise(basic('shop', STRONG), form)).toBeNull();
  });

  it('counts no more once the secret was changed and the record was read again', async () => {
    const w = world(record('shop'));
    await w.authenticate(basic('shop', STRONG));
    w.change(record('shop', {}, [`${STRONG}-new`]));
    w.directory.changed('shop');
    expect(w.recognise(basic('shop', STRONG))).toBeNull();
    await expect(w.authenticate(basic('shop', STRONG))).rejects.toMatchObject({ code: 'invalid_client' });
    await w.authenticate(basic('shop', `${STRONG}-new`));
    expect(w.recognise(basic('shop', STRONG))).toBeNull();
  });

  it('counts no longer than a record does: after a minute it is compared again', async () => {
    const w = world(record('shop'));
    await w.authenticate(basic('shop', STRONG));
    w.clock.now += 60_000;
    expect(w.recognise(basic('shop', STRONG))).toBeNull();
  });

  it('counts no more from the moment the view refuses the client', async () => {
    const w = world(record('shop'));
    await w.authenticate(basic('shop', STRONG));
    w.killed.add('shop');
    expect(w.recognise(basic('shop', STRONG))).toBeNull();
    await expect(w.authenticate(basic('shop', STRONG))).rejects.toMatchObject({ code: 'invalid_client' });
  });

  it('is not remembered for a weak secret: its failures are looked at each time', async () => {
    const w = world(record('weak', {}, [WEAK]));
    await w.authenticate(basic('weak', WEAK));
    expect(w.recognise(basic('weak', WEAK))).toBeNull();
  });

  it('is not remembered when it was wrong, however often', async () => {
    const w = world(record('shop'));
    for (let n = 0; n < 5; n++) await w.authenticate(basic('shop', 'wrong')).catch(() => undefined);
    expect(w.recognise(basic('shop', 'wrong'))).toBeNull();
  });

  it('has one place of a thousand: as many spellings of one secret make the first one new again', async () => {
    const w = world(record('shop'));
    const spelled = (n: number) => basic('shop', spell(STRONG, n));
    for (let n = 0; n <= 1_000; n++) await w.authenticate(spelled(n));
    expect(w.recognise(spelled(0))).toBeNull();
    expect(w.recognise(spelled(1_000))).not.toBeNull();
  });
});

/** The n-th way to percent-encode a secret. */
function spell(secret: string, n: number): string {
  return [...secret].map((letter, at) => (at < 12 && (n >> at) & 1 ? `%${letter.charCodeAt(0).toString(16)}` : letter)).join('');
}
