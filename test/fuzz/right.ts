import type { ServiceName } from '#libs/contracts';
import { secretOf } from '#libs/testing';
import { basic } from '../actors/raw-client.js';
import { exampleOf } from './json-value.js';
import type { Form } from './people.js';
import type { Pool } from './pool.js';
import type { Random } from './random.js';
import type { Target } from './surface.js';
import { CALLBACKS, CHALLENGE, VERIFIER } from './world.js';

type Pairs = [string, string][];

/** A request that should succeed, before anything in it is changed. */
export interface Right {
  readonly path: Readonly<Record<string, string>>;
  readonly pairs: Pairs;
  readonly headers: Record<string, string>;
  readonly json?: unknown;
}

type Recipe = (random: Random, pool: Pool) => Partial<Right>;

const SELF = { origin: 'http://localhost', 'sec-fetch-site': 'same-origin' };
const page = (form: Form, pairs: Pairs = []): Partial<Right> => ({
  path: { handle: form.handle },
  headers: { cookie: form.cookie, ...SELF },
  pairs,
});
const answered = (form: Form, pairs: Pairs = []) => page(form, [['csrf', form.csrf], ...pairs]);
const asPerson = ({ person }: Form): Pairs => Object.entries(person);
const asClient = (id: string) => ({ authorization: basic(id, secretOf(id)) });

/** By service, method and path. What isn't here is made of the schema and the pool's names. */
const RECIPES: Readonly<Record<string, Recipe>> = {
  'token POST /token': (random, pool) => {
    const kind = random.below(5);
    if (kind === 0) return { headers: asClient('print-press'), pairs: [['grant_type', 'client_credentials']] };
    if (kind < 3) {
      const { client, refresh } = pool.tokens.any(random);
      return { headers: asClient(client), pairs: Object.entries({ grant_type: 'refresh_token', refresh_token: refresh }) };
    }
    const { client, code } = pool.codes.take(random);
    const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACKS[client] ?? '', code_verifier: VERIFIER };
    return { headers: asClient(client), pairs: Object.entries(form) };
  },
  'token POST /revoke': (random, pool) => {
    const { client, access, refresh } = pool.tokens.any(random);
    // rarely the whole grant: the other requests need it
    return { headers: asClient(client), pairs: [['token', random.chance(0.1) ? refresh : access]] };
  },
  'introspect POST /introspect': (random, pool) => {
    const { client, access, refresh, id } = pool.tokens.any(random);
    return { headers: asClient(random.of(['gateway', client])), pairs: [['token', random.of([access, refresh, id])]] };
  },
  'auth GET /userinfo': (random, pool) => ({ headers: { authorization: `Bearer ${pool.tokens.any(random).access}` }, pairs: [] }),
  'auth POST /userinfo': (random, pool): Partial<Right> =>
    random.chance(0.5)
      ? { headers: {}, pairs: [['access_token', pool.tokens.any(random).access]] }
      : { headers: { authorization: `Bearer ${pool.tokens.any(random).access}` }, pairs: [] },
  'auth GET /authorize': authorize,
  'auth POST /authorize': authorize,
  'auth GET /logout': logout,
  'auth POST /logout': logout,
  'auth GET /logout/{handle}': (random, pool) => page(pool.logouts.any(random)),
  'auth POST /logout/{handle}': (random, pool) => answered(pool.logouts.take(random), [['answer', random.of(['yes', 'yes', 'no'])]]),
  'auth GET /interaction/{handle}': (random, pool) => page(random.of([pool.logins, pool.consents]).any(random)),
  'auth POST /interaction/{handle}/login': (random, pool) => {
    const form = pool.logins.take(random);
    return answered(form, asPerson(form));
  },
  'auth POST /interaction/{handle}/consent': (random, pool) =>
    answered(pool.consents.take(random), [
      ['answer', random.of(['allow', 'allow', 'deny'])],
      ['scope', 'photos:read'],
      ['scope', 'offline_access'],
    ]),
  'auth POST /interaction/{handle}/cancel': (random, pool) => answered(pool.logins.take(random)),
  'auth POST /account/sign-in': (random, pool) => {
    const form = pool.signIns.take(random);
    return answered(form, [['to', 'overview'], ...asPerson(form)]);
  },
  'auth POST /account/sessions/end': (random, pool) => answered(pool.visits.take(random), [['sid', pool.visits.any(random).sid]]),
  'auth POST /account/applications/revoke': (random, pool) =>
    answered(pool.visits.any(random), [['client_id', random.of(['photo-backup', 'photo-book'])]]),
  'auth POST /account/password': (random, pool) => {
    const form = pool.visits.take(random);
    const [password, fresh] = [form.person.password, 'another password of a visitor'];
    return answered(form, Object.entries({ password, new_password: fresh, new_password_again: fresh, stay: random.of(['yes', 'no']) }));
  },
  'auth POST /admin/users': (random) => ({
    json: { username: `u${random.below(1e9)}`, password: 'a password that nobody uses', roles: ['viewer'] },
  }),
  'auth POST /admin/clients': () => ({ json: { metadata: METADATA } }),
  'auth PATCH /admin/clients/{client_id}': (random, pool) => ({
    path: { client_id: pool.oneSecret.any(random).id },
    json: { metadata: { client_name: 'Fuzz', ...(random.chance(0.3) ? METADATA : {}) } },
  }),
  'auth POST /admin/clients/{client_id}/secrets': (random, pool) => ({ path: { client_id: pool.oneSecret.take(random).id } }),
  'auth DELETE /admin/clients/{client_id}/secrets/{secret_id}': (random, pool) => {
    const { id, secret } = pool.twoSecrets.take(random);
    return { path: { client_id: id, secret_id: secret } };
  },
  'auth POST /admin/configuration/apply': (_, pool) => ({ json: pool.plan }),
  'session POST /admin/deliveries/{delivery_id}/replay': (random, pool) => ({ path: { delivery_id: pool.dead.take(random) } }),
  'session POST /admin/sessions/{sid}/participants/{client_id}/end': (random, pool) => {
    const { sid, client } = pool.participations.take(random);
    return { path: { sid, client_id: client } };
  },
  'token POST /admin/grants/{gid}/revoke': (random, pool) => ({ path: { gid: pool.grants.take(random) } }),
  'token POST /admin/keys/{kid}/revoke': (random, pool) => ({ path: { kid: pool.keys.take(random) } }),
  'token POST /internal/sign': (random, pool) => {
    const aud = 'photo-shop';
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    const [caller, purpose, claims] = random.of<[ServiceName, string, object]>([
      ['session', 'logout_token', { aud, jti: 'fuzz', sub: 'somebody', events }],
      ['session', 'security_event', { aud, jti: 'fuzz', events: { 'urn:fuzz': {} } }],
      ['introspect', 'introspection_response', { aud, token_introspection: { active: false } }],
      ['auth', 'userinfo', { aud, sub: 'somebody' }],
      ['auth', 'authorization_response', { aud, code: 'fuzz' }],
    ]);
    const headers = { authorization: `Bearer ${pool.serviceToken(caller, 'token')}` };
    return { headers, json: { purpose, alg: random.of([null, 'RS256', 'ES256']), claims } };
  },
  'auth POST /internal/log/passed': passed('auth', ['session', 'token']),
  'session POST /internal/log/passed': passed('session', ['token']),
};

const METADATA = {
  ...{ application_type: 'web', redirect_uris: ['http://localhost:4097/callback'], grant_types: ['authorization_code'] },
  ...{ token_endpoint_auth_method: 'client_secret_basic', scope: 'openid' },
};

function authorize(random: Random, pool: Pool): Partial<Right> {
  const client = random.of(Object.keys(CALLBACKS));
  const query = {
    ...{ client_id: client, redirect_uri: CALLBACKS[client] ?? '', response_type: 'code', scope: 'openid photos:read online_access' },
    ...{ state: 'fuzz', nonce: 'fuzz', code_challenge: CHALLENGE, code_challenge_method: 'S256' },
    ...(random.chance(0.3) ? { prompt: random.of(['none', 'login', 'consent']) } : {}),
    ...(random.chance(0.2) ? { max_age: random.of(['0', '3600']) } : {}),
  };
  return page(pool.visits.any(random), Object.entries(query));
}

/** With a hint of jane's the visitor's browser is asked: the session that ends stays nobody's but its own. */
function logout(random: Random, pool: Pool): Partial<Right> {
  const { id, client } = pool.tokens.any(random);
  const more: Pairs = client === 'photo-shop' ? [['post_logout_redirect_uri', 'http://localhost:4090/goodbye']] : [];
  return page(pool.visits.any(random), random.chance(0.5) ? [['state', 'fuzz']] : [['id_token_hint', id], ...more]);
}

/** Position 0 is true of every reader. */
function passed(callee: ServiceName, readers: readonly ServiceName[]): Recipe {
  return (random, pool) => {
    const reader = random.of(readers);
    const headers = { authorization: `Bearer ${pool.serviceToken(reader, callee)}` };
    return { headers, json: { reader, stream: 'events', partition: 0, position: 0 } };
  };
}

export function rightRequest(target: Target, random: Random, pool: Pool): Right {
  const recipe = RECIPES[`${target.service} ${target.method} ${target.path}`]?.(random, pool) ?? otherwise(target, random, pool);
  const names = [...target.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, pool.one(name, random)] as const);
  return {
    path: { ...Object.fromEntries(names), ...recipe.path },
    pairs: recipe.pairs ?? [],
    headers: recipe.headers ?? credentials(target, random, pool),
    ...(target.body ? { json: recipe.json ?? exampleOf(target.body, '', random, pool.known) } : {}),
  };
}

function otherwise(target: Target, random: Random, pool: Pool): Partial<Right> {
  if (target.path.startsWith('/account')) {
    if (target.method === 'POST') return answered(pool.visits.take(random));
    const cursor = pool.cursors.get(target.path);
    return page(pool.visits.any(random), cursor && random.chance(0.6) ? [['cursor', cursor]] : []);
  }
  if (target.kind !== 'admin') return {};
  const pairs: Pairs = [];
  for (const [name, schema] of Object.entries(target.query ?? {})) {
    const cursor = pool.cursors.get(target.path);
    if (name === 'cursor') {
      if (cursor && random.chance(0.6)) pairs.push([name, cursor]);
    } else if (random.chance(0.25)) pairs.push([name, String(exampleOf(schema, name, random, pool.known))]);
  }
  return { pairs };
}

function credentials(target: Target, random: Random, pool: Pool): Record<string, string> {
  if (target.kind === 'admin') return { authorization: `Bearer ${pool.adminToken}` };
  if (target.kind !== 'internal') return {};
  const audience = target.path === '/internal/hints' && random.chance(0.5) ? '*' : target.service;
  const caller = random.of(target.callers.length > 0 ? target.callers : (['auth'] as const));
  return { authorization: `Bearer ${pool.serviceToken(caller, audience)}` };
}
