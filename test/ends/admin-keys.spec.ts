import { decodeProtectedHeader } from 'jose';
import { SERVICES } from '#libs/contracts';
import { freePortBase, secretOf, until } from '#libs/testing';
import { Operator } from '../actors/operator.js';
import { RawClient, type TokenSet } from '../actors/raw-client.js';
import { UserAgent } from '../actors/user-agent.js';
import { startWorld, type World } from '../world.js';
import { PATIENT } from './life.js';

/** Keys by the admin API: listed, rotated without harm, and revoked with all of it. */
let world: World;
let operator: Operator;
beforeAll(async () => {
  world = await startWorld({ settings: PATIENT });
  operator = new Operator(world.services);
  // auth asks for keys again a second after it found the token service still starting
  const { access_token } = await signedIn();
  await until(async () => (await userinfo(access_token)) === 200, { what: 'userinfo has its keys' });
}, 360_000);
afterAll(() => world?.close());

interface Key extends Record<string, unknown> {
  kid: string;
  line: string;
  state: string;
  created_at: number;
  activates_at: number;
}
const keys = async (query = ''): Promise<Key[]> => {
  const { status, body } = await operator.call('token', 'GET', `/admin/keys?limit=200${query}`);
  expect(status).toBe(200);
  return body.items as Key[];
};
const active = async (line: string) => (await keys(`&line=${encodeURIComponent(line)}&state=active`))[0]?.kid ?? '';
const revoke = (kid: string) => operator.call('token', 'POST', `/admin/keys/${kid}/revoke`);
const rotate = (line: string) => operator.call('token', 'POST', `/admin/keys/lines/${encodeURIComponent(line)}/rotate`);
const signedIn = (): Promise<TokenSet> => world.tokensFor(new UserAgent(), world.shop, 'openid photos:read online_access');
const jwks = async () => ((await (await fetch(world.metadata.jwks_uri)).json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
const audit = (action: string, target: string) =>
  world.stand.database.query('SELECT actor, reason, details FROM token.audit WHERE action = $1 AND target = $2', [action, target]);
const userinfo = async (token: string) => (await world.raw('photo-shop').userinfo(token)).status;

it('lists every key with its state and times, and nothing that could be used', async () => {
  const all = await keys();
  expect(new Set(all.map(({ line }) => line))).toEqual(new Set(['signing:ES256', 'signing:RS256', 'sealing', 'refresh_mac']));
  expect(all.filter(({ state }) => state === 'active')).toHaveLength(4);
  expect(Object.keys(all[0] ?? {}).sort()).toEqual(
    [
      'activates_at',
      'alg',
      'created_at',
      'kid',
      'line',
      'purpose',
      'remove_after',
      'replaced_at',
      'retired_at',
      'revoked_at',
      'state',
    ].sort(),
  );
});

it('a revoked sealing key: its tokens are refused everywhere before the answer, new ones work', async () => {
  const [kid, tokens] = [await active('sealing'), await signedIn()];
  expect([await world.isActive(tokens.access_token), await userinfo(tokens.access_token)]).toEqual([true, 200]);
  const { status, body } = await revoke(kid);
  expect([status, body]).toEqual([200, { revoked: true, successor: expect.any(String), confirmed: true }]);
  expect([await world.isActive(tokens.access_token), await userinfo(tokens.access_token)]).toEqual([false, 401]);
  const next = await until(async () => {
    const answer = await world.raw('photo-shop').refresh(tokens.refresh_token);
    return answer.status === 200 && (answer.body as unknown as TokenSet);
  });
  expect([await world.isActive(next.access_token), await userinfo(next.access_token)]).toEqual([true, 200]);
  expect(await active('sealing')).toBe(body.successor);
  expect(await audit('key.revoked', kid)).toMatchObject([
    { actor: 'client:admin-cli', reason: 'admin', details: { line: 'sealing', state: 'active' } },
  ]);
  expect(await revoke(kid)).toMatchObject({ status: 200, body: { revoked: false, successor: null, confirmed: true } });
  const [row] = await world.stand.database.query('SELECT state, envelope FROM token.keys WHERE kid = $1', [kid]);
  expect(row).toEqual({ state: 'retired', envelope: null });
});

it('…and stays refused by services that start again', async () => {
  const [kid, tokens] = [await active('sealing'), await signedIn()];
  await revoke(kid);
  for (const service of ['introspect', 'auth'] as const) {
    await world.services.stopOne(service);
    await world.services.startAll([service]);
  }
  expect(await world.isActive(tokens.access_token)).toBe(false);
  await until(async () => (await userinfo(tokens.access_token)) === 401, { what: 'userinfo refuses it, once it has keys' });
});

it('a revoked signing key leaves the JWKS, and JWTs under it are refused: the operator’s own as well', async () => {
  const kid = await active('signing:ES256');
  const press = world.raw('print-press');
  const issue = async () =>
    String((await press.post(world.endpoints.token, { grant_type: 'client_credentials', scope: 'prints:order' })).body.access_token);
  const jwt = await issue();
  expect(decodeProtectedHeader(jwt).kid).toBe(kid);
  expect(await world.isActive(jwt)).toBe(true);
  expect(await jwks()).toContain(kid);
  expect(await revoke(kid)).toMatchObject({ status: 200, body: { revoked: true, confirmed: true } });
  expect(await jwks()).not.toContain(kid);
  expect(await world.isActive(jwt)).toBe(false);
  for (const [service, path] of [
    ['token', '/admin/keys'],
    ['session', '/admin/sessions'],
    ['auth', '/admin/users'],
  ] as const) {
    expect(await operator.call(service, 'GET', path)).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
  }
  operator.forget();
  expect(await world.isActive(await issue())).toBe(true);
  expect(await jwks()).toContain(await active('signing:ES256'));
});

it('a revoked refresh MAC key: refresh tokens under it are none of ours, grants of a new sign-in work', async () => {
  const tokens = await signedIn();
  expect(await revoke(await active('refresh_mac'))).toMatchObject({ status: 200, body: { revoked: true } });
  const shop = world.raw('photo-shop');
  expect(await shop.refresh(tokens.refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  expect(await world.isActive(tokens.access_token)).toBe(true);
  expect(await shop.refresh((await signedIn()).refresh_token)).toMatchObject({ status: 200 });
});

it('every instance of the token service stops at once, not when it reads its keys again', async () => {
  const internal = Object.fromEntries(SERVICES.map((name) => [name, world.stand.internalUrl(name)]));
  const other = await world.services.startAnother('token', {
    PORT_BASE: String(await freePortBase()),
    ISSUER: world.issuer,
    LANYARD_INTERNAL_URLS: JSON.stringify(internal),
  });
  const elsewhere = new RawClient({ ...world.endpoints, token: `${other.publicUrl}/token` }, 'photo-shop', secretOf('photo-shop'));
  await until(async () => (await elsewhere.refresh((await signedIn()).refresh_token)).status === 200, {
    what: 'the other instance serves',
  });
  const kid = await active('refresh_mac');
  const tokens = await signedIn();
  expect(await revoke(kid)).toMatchObject({ body: { revoked: true, confirmed: true } });
  expect(await elsewhere.refresh(tokens.refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
});

it('an unknown key is 404', async () => {
  expect(await revoke('no-such-key')).toMatchObject({ status: 404 });
});

it('rotates a line now: the successor is out at once, takes over when all have it, and nothing breaks', async () => {
  const [before, tokens] = [await active('sealing'), await signedIn()];
  const first = await rotate('sealing');
  expect(first).toMatchObject({ status: 200, body: { active: before, pending: expect.any(String), takes_over_at: expect.any(Number) } });
  const again = await rotate('sealing');
  expect(again.body).toEqual(first.body);
  expect(Number(first.body.takes_over_at) - (await world.stand.time.now())).toBeLessThanOrEqual(600_000);
  await world.advance(601_000);
  operator.forget();
  expect(await rotate('sealing')).toMatchObject({ body: { active: first.body.pending, pending: null, takes_over_at: null } });
  expect((await keys('&state=retiring')).map(({ kid }) => kid)).toContain(before);
  expect((await audit('key.rotated', 'sealing')).length).toBe(3);
  const later = await world.raw('photo-shop').refresh(tokens.refresh_token);
  expect(later.status).toBe(200);
  // Ten minutes went by for the database, not for the holders, who read their keys again each minute: here they meet the key unprepared.
  await until(() => world.isActive(String(later.body.access_token)), { what: 'a token under the new key is active' });
  expect(await rotate('signing:none')).toMatchObject({ status: 404 });
});

it('what was done to keys can be read back, page by page and filtered, and who reads it is in it', async () => {
  await rotate('sealing');
  await rotate('signing:RS256');
  const read = async (query: string) => {
    const { status, body } = await operator.call('token', 'GET', `/admin/token/audit?${query}`);
    expect([query, status]).toEqual([query, 200]);
    return body as { items: { id: number; actor: string; action: string; target: string; details: unknown }[]; next: string | null };
  };
  const first = await read('action=key.rotated&limit=1');
  const second = await read(`action=key.rotated&limit=1&cursor=${first.next}`);
  expect([first, second].map(({ items }) => items[0]?.action)).toEqual(['key.rotated', 'key.rotated']);
  expect(second.items[0]?.id).toBeLessThan(first.items[0]?.id ?? 0);
  const target = encodeURIComponent(first.items[0]?.target ?? '');
  expect((await read(`target=${target}&action=key.rotated`)).items[0]).toEqual(first.items[0]);
  const reads = await read('actor=client:admin-cli&action=audit.read');
  expect(reads.items[0]?.details).toMatchObject({ count: expect.any(Number) });
  expect((await operator.call('token', 'GET', '/admin/token/audit?cursor=of-another-list')).status).toBe(400);
});
