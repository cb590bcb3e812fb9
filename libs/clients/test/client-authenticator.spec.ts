import { ClientAuthenticator } from '../src/index.js';
import { CountingCounter, directoryOf, pepper, record, STRONG, WEAK } from './client-fixture.js';

const records = [
  record('shop'),
  record('poster', { token_endpoint_auth_method: 'client_secret_post' }),
  record('app', { token_endpoint_auth_method: 'none' }, []),
  record('weak', {}, [WEAK]),
  record('rotating', {}, [STRONG, `${STRONG}-new`]),
  record('jwt', { token_endpoint_auth_method: 'private_key_jwt' }, []),
  record('odd id: ü'.replace('ü', '%'), {}, [`${STRONG} with +, % and :`]),
  { ...record('off'), disabled: true },
];
const failures = new CountingCounter();
const authenticator = new ClientAuthenticator(directoryOf(...records), failures, pepper);
beforeEach(() => {
  failures.counts.clear();
  failures.touched = 0;
});

const encode = (text: string) => encodeURIComponent(text).replaceAll('%20', '+');
const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64')}`;
const raw = (text: string | Buffer) => `Basic ${Buffer.from(text).toString('base64')}`;
const ask = (authorization: string | undefined, params: Record<string, string> = {}, address = '192.0.2.1') =>
  authenticator.authenticate({ authorization, params: { get: (name) => params[name] }, address });
const refused = (status: number, code: string) => expect.objectContaining({ status, code });

describe('the right proof', () => {
  test('client_secret_basic, form-encoded as RFC 6749 §2.3.1 says', async () => {
    await expect(ask(basic('shop', STRONG))).resolves.toMatchObject({ client_id: 'shop' });
    await expect(ask(basic('odd id: %', `${STRONG} with +, % and :`))).resolves.toMatchObject({ client_id: 'odd id: %' });
    await expect(ask(basic('shop', STRONG).replace('Basic', 'bAsIc'), { client_id: 'shop' })).resolves.toMatchObject({ client_id: 'shop' });
  });

  test('client_secret_post and none', async () => {
    await expect(ask(undefined, { client_id: 'poster', client_secret: STRONG })).resolves.toMatchObject({ client_id: 'poster' });
    await expect(ask(undefined, { client_id: 'app' })).resolves.toMatchObject({ client_id: 'app' });
  });

  test('two secrets live at once while one replaces the other', async () => {
    await expect(ask(basic('rotating', STRONG))).resolves.toBeDefined();
    await expect(ask(basic('rotating', `${STRONG}-new`))).resolves.toBeDefined();
  });

  test('a right secret of 32 characters touches no store, however many failures came before', async () => {
    for (let attempt = 0; attempt < 150; attempt++) await ask(basic('shop', 'wrong')).catch(() => undefined);
    const before = failures.touched;
    await expect(ask(basic('shop', STRONG))).resolves.toBeDefined();
    expect(failures.touched).toBe(before);
  });
});

describe('invalid_client', () => {
  test.each([
    ['nothing at all', undefined, {}],
    ['an unknown client', basic('nobody', STRONG), {}],
    ['a wrong secret', basic('shop', `${STRONG}x`), {}],
    ['an empty secret', basic('shop', ''), {}],
    ['a disabled client', basic('off', STRONG), {}],
    ['another method than the registered one', undefined, { client_id: 'shop', client_secret: STRONG }],
    ['no secret where one is registered', undefined, { client_id: 'shop' }],
    ['a secret where none is registered', basic('app', STRONG), {}],
    ['another scheme', 'Bearer abc', {}],
    ['a scheme alone', 'Basic', {}],
    ['an empty header', '', {}],
    ['what is not base64', 'Basic %%%', {}],
    ['base64url', 'Basic a-_b', {}],
    ['base64 with something behind it', `${basic('shop', STRONG)} x`, {}],
    ['no colon', raw('shop'), {}],
    ['bad percent-encoding', raw('shop:%zz'), {}],
    ['percent-encoded bytes that are no UTF-8', raw('shop:%ff'), {}],
    ['raw bytes that are no UTF-8', raw(Buffer.from([0x73, 0x3a, 0xff])), {}],
    ['a client_id beyond ASCII', raw('sh%C3%B6p:x'), {}],
    ['a client_id with a NUL', raw('sh%00p:x'), {}],
    ['no client_id', raw(':x'), {}],
    ['an oversize header', raw(`shop:${'x'.repeat(5_000)}`), {}],
    ['a client_id beyond ASCII in the body', undefined, { client_id: 'shöp' }],
  ])('401 for %s, all with the same words', async (_, authorization, params) => {
    const error = await ask(authorization, params as Record<string, string>).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 401, code: 'invalid_client', publicDescription: 'Client authentication failed.' });
  });

  test('a method that is not built is named, at registration and in the request', async () => {
    await expect(ask(undefined, { client_id: 'jwt' })).rejects.toMatchObject({
      code: 'invalid_client',
      publicDescription: expect.stringContaining('private_key_jwt'),
    });
    await expect(ask(undefined, { client_assertion: 'x', client_assertion_type: 'y' })).rejects.toMatchObject({ code: 'invalid_client' });
  });

  test('a method that the endpoint does not allow', async () => {
    const request = {
      authorization: undefined,
      params: { get: (name: string) => (name === 'client_id' ? 'app' : undefined) },
      address: 'a',
    };
    await expect(authenticator.authenticate(request, ['client_secret_basic'])).rejects.toEqual(refused(401, 'invalid_client'));
  });
});

describe('more than one method in a request (RFC 6749 §2.3)', () => {
  test.each([
    ['header and secret in the body', basic('shop', STRONG), { client_id: 'shop', client_secret: STRONG }],
    ['header and assertion', basic('shop', STRONG), { client_assertion: 'x' }],
    ['secret and assertion', undefined, { client_id: 'shop', client_secret: STRONG, client_assertion_type: 'y' }],
    ['two clients', basic('shop', STRONG), { client_id: 'poster' }],
  ])('invalid_request for %s', async (_, authorization, params) => {
    await expect(ask(authorization, params as unknown as Record<string, string>)).rejects.toEqual(refused(400, 'invalid_request'));
  });
});

describe('failures', () => {
  test('beyond 100 a minute from one address the answer is 429 with Retry-After; other addresses go on', async () => {
    for (let attempt = 0; attempt < 100; attempt++)
      await expect(ask(basic('shop', 'wrong'))).rejects.toEqual(refused(401, 'invalid_client'));
    await expect(ask(basic('shop', 'wrong'))).rejects.toMatchObject({ status: 429, headers: { 'retry-after': '31' } });
    await expect(ask(basic('shop', 'wrong'), {}, '192.0.2.2')).rejects.toEqual(refused(401, 'invalid_client'));
  });

  test('of a weak secret they are looked at before the comparison: even the right one waits (decision 0007)', async () => {
    await expect(ask(basic('weak', WEAK))).resolves.toBeDefined();
    for (let attempt = 0; attempt < 100; attempt++) await ask(basic('weak', 'guess')).catch(() => undefined);
    await expect(ask(basic('weak', WEAK))).rejects.toEqual(refused(429, 'temporarily_unavailable'));
    await expect(ask(basic('weak', WEAK), {}, '192.0.2.2')).resolves.toBeDefined();
  });

  test('an unknown client does the work of a known one: one hash of what was shown', async () => {
    const mac = jest.spyOn(pepper, 'mac');
    const works = [];
    for (const id of ['shop', 'nobody', 'off', 'rotating']) {
      mac.mockClear();
      await ask(basic(id, 'wrong')).catch(() => undefined);
      works.push(mac.mock.calls.length);
    }
    mac.mockRestore();
    expect(works).toEqual([1, 1, 1, 1]);
  });

  test('a store that is away: no guess is judged, the right strong secret still works', async () => {
    const away = new Error('Connection terminated');
    const broken = { hit: () => Promise.reject(away), peek: () => Promise.reject(away), reset: () => Promise.reject(away) };
    const other = new ClientAuthenticator(directoryOf(...records), broken, pepper);
    const show = (authorization: string) => other.authenticate({ authorization, params: { get: () => undefined }, address: 'a' });
    await expect(show(basic('shop', STRONG))).resolves.toBeDefined();
    await expect(show(basic('shop', 'wrong'))).rejects.toBe(away);
    await expect(show(basic('weak', WEAK))).rejects.toBe(away);
  });
});
