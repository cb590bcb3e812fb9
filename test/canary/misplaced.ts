import { type ServiceName } from '#libs/contracts';
import { secretOf } from '#libs/testing';
import { basic } from '../actors/raw-client.js';
import type { World } from '../world.js';

/** One request that has a secret where it does not belong. */
export interface Misplaced {
  readonly url: string;
  readonly init: RequestInit;
}

const FORM = 'application/x-www-form-urlencoded';
const SHOP = { 'content-type': FORM, authorization: basic('photo-shop', secretOf('photo-shop')) };
const TOKEN = 'grant_type code redirect_uri code_verifier refresh_token scope resource client_id client_assertion'.split(' ');
const HEADERS = 'x-request-id user-agent referer origin traceparent accept-language x-forwarded-for cookie sec-fetch-site'.split(' ');

/**
 * Every way in which people and programs put a secret where it does not belong: another parameter, the query, the path, a header, a
 * body that can't be read or is too large, another method. Left out is what asks to be kept until it is given back: `state`, `login_hint`
 * of a request that is right.
 */
export function misplaced(world: Pick<World, 'shop' | 'stand' | 'endpoints'>, secret: string): Misplaced[] {
  const { endpoints } = world;
  const at = (service: ServiceName, path: string) => `${world.stand.url(service)}${path}`;
  const s = encodeURIComponent(secret);
  const get = (url: string, headers: Record<string, string> = {}): Misplaced => ({ url, init: { headers, redirect: 'manual' } });
  const post = (url: string, body: string, headers: Record<string, string> = SHOP): Misplaced => ({
    url,
    init: { method: 'POST', body, headers, redirect: 'manual' },
  });
  const forms = [endpoints.token, endpoints.revoke, endpoints.introspect];
  const admin = [at('auth', '/admin/users'), at('token', '/admin/grants'), at('session', '/admin/sessions')];
  const right = `client_id=photo-shop&redirect_uri=${encodeURIComponent('https://elsewhere.example')}`;
  return [
    ...['client_id', 'response_type', 'scope', 'prompt', 'id_token_hint', 'request', 'code_challenge'].flatMap((name) => [
      get(at('auth', `/authorize?${right}&${name}=${s}`)),
      get(at('auth', `/authorize?${name}=${s}`)),
      get(at('auth', `/authorize?client_id=photo-shop&redirect_uri=${encodeURIComponent(world.shop.callback)}&${name}=${s}`)),
    ]),
    ...['id_token_hint', 'client_id', 'post_logout_redirect_uri'].flatMap((name) => [
      get(at('auth', `/logout?${name}=${s}&client_id=nobody`)),
      post(at('auth', '/logout'), `${name}=${s}&client_id=nobody`, { 'content-type': FORM }),
    ]),
    ...['/interaction/', '/logout/', '/', '/account/', '/%zz', '/admin/clients/', '/admin/users/'].map((path) => get(at('auth', path + s))),
    post(at('auth', `/interaction/${s}/login`), `csrf=${s}&username=${s}&password=${s}`, { 'content-type': FORM }),
    post(at('auth', '/account/sign-in'), `csrf=${s}&username=${s}&password=${s}&to=${s}`, { 'content-type': FORM }),
    get(`${endpoints.userinfo}?access_token=${s}`),
    post(endpoints.userinfo, `access_token=${s}`, { 'content-type': FORM }),
    ...['Bearer', 'Basic', 'DPoP', ''].flatMap((scheme) =>
      [endpoints.userinfo, ...admin].map((url) => get(url, { authorization: `${scheme} ${secret}`.trim() })),
    ),
    ...TOKEN.map((name) => post(endpoints.token, `grant_type=authorization_code&${name}=${s}`)),
    post(endpoints.token, `grant_type=client_credentials&scope=${s}`, {
      ...SHOP,
      authorization: basic('print-press', secretOf('print-press')),
    }),
    ...forms.flatMap((url) => [
      post(url, `token=${s}&token_type_hint=${s}&unknown=${s}`),
      post(url, `client_id=${s}&client_secret=${s}`, { 'content-type': FORM }),
      post(url, `token=${s}`, { ...SHOP, authorization: basic(secret, secret) }),
      post(url, `token=${s}`, { ...SHOP, authorization: `Basic ${secret}` }),
      post(url, `token=${s}&token=${s}`),
      post(url, `token=${s}%zz`),
      post(url, `token=${s}&more=${'x'.repeat(70_000)}`),
      post(url, JSON.stringify({ token: secret }), { ...SHOP, 'content-type': 'application/json' }),
      post(url, secret, { ...SHOP, 'content-type': 'text/plain' }),
      post(url, `token=${s}`, { ...SHOP, 'content-type': secret }),
      get(`${url}?token=${s}&code=${s}`),
    ]),
    ...admin.flatMap((url) => [
      get(`${url}?cursor=${s}&${s}=1`, { authorization: 'Bearer x' }),
      post(url, `{"password":"${secret}`, { authorization: 'Bearer x', 'content-type': 'application/json' }),
      { url: `${url}/${s}`, init: { method: 'DELETE' } },
    ]),
    ...HEADERS.map((name) => post(endpoints.token, 'grant_type=refresh_token', { ...SHOP, [name]: secret })),
    ...HEADERS.map((name) => get(at('auth', '/account'), { [name]: secret })),
    get(`${world.stand.internalUrl('session')}/internal/${s}?a=${s}`),
    post(`${world.stand.internalUrl('session')}/internal/sessions/truth`, `{"sid":"${secret}"`, { 'content-type': 'application/json' }),
    post(`${world.stand.internalUrl('token')}/internal/codes/issue`, JSON.stringify({ [secret]: secret }), {
      'content-type': 'application/json',
      authorization: `Bearer ${secret}`,
    }),
  ];
}

/** Requests of a permitted operator, whose tools put the secret where a name or a value of another kind is meant. */
export function misplacedByOperators(world: Pick<World, 'stand'>, secret: string, operatorsToken: string): Misplaced[] {
  const s = encodeURIComponent(secret);
  const authorization = `Bearer ${operatorsToken}`;
  const json = { authorization, 'content-type': 'application/json' };
  const at = (path: string, service: ServiceName = 'auth') => `${world.stand.url(service)}/admin/${path}`;
  const post = (url: string, body: string): Misplaced => ({ url, init: { method: 'POST', body, headers: json } });
  // A name that is wrong is told to its sender, cut where descriptions end: half a name would count as a leak.
  const names = secret.length < 200 ? { [secret]: secret, scope: secret } : { more: secret };
  return [
    ...[
      at(`users/${s}`),
      at(`clients/${s}`),
      at(`grants/${s}`, 'token'),
      at(`sessions/${s}`, 'session'),
      at(`users?cursor=${s}`),
      at(`users?search=${s}`),
      at(`sessions?sub=${s}`, 'session'),
      at(`sessions?client_id=${s}`, 'session'),
      at(`grants?sub=${s}`, 'token'),
      at(`auth/audit?actor=${s}&target=${s}`),
      at(`token/audit?target=${s}`, 'token'),
    ].map((url): Misplaced => ({ url, init: { headers: { authorization } } })),
    post(at('users'), `{"username":"x","password":"${secret}`),
    post(at('users'), JSON.stringify({ username: '', password: secret, [secret]: secret })),
    post(at(`users/${s}/password`), JSON.stringify({ password: secret })),
    post(at('clients'), JSON.stringify({ metadata: { redirect_uris: [secret], ...names } })),
    { url: at('users'), init: { method: 'POST', headers: { ...json, 'content-type': 'text/plain' }, body: secret } },
  ];
}
