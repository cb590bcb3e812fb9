import * as oidc from 'openid-client';
import { SERVICES, type ServiceName } from '#libs/contracts';
import { type InProcessServices, STORY, secretOf, startServices, testConfig } from '#libs/testing';
import { serviceOf } from '../../scripts/cluster/routes.js';
import { CLIENT_ADDRESS, PROXY_ADDRESS, ReverseProxy } from '../actors/reverse-proxy.js';
import { signIn } from '../actors/sign-in.js';
import { type Page, UserAgent } from '../actors/user-agent.js';

/**
 * Build 2: paths never collide, so that one proxy can give one origin, https included; forwarded headers count only from proxies that
 * the configuration names; no URL follows a Host header. TLS ends in front of the proxy, which hears plain HTTP on a port of its own.
 */
const ISSUER = 'https://id.photos.example';
const CALLBACK = 'https://shop.photos.example/callback';
const GOODBYE = 'https://shop.photos.example/goodbye';
const SCOPE = 'openid profile photos:read online_access';

let services: InProcessServices;
let proxy: ReverseProxy;
let shop: oidc.Configuration;

const at = (base: string) => (url: URL | string) => {
  const { origin, pathname, search } = new URL(url);
  return origin === ISSUER ? new URL(pathname + search, base) : new URL(url);
};

/** A browser to which the issuer's address leads to `base`, and which claims to come from elsewhere. */
class Browser extends UserAgent {
  constructor(private readonly base: string) {
    super();
  }
  override async send(url: URL, init: RequestInit = {}): Promise<Page> {
    const headers = {
      ...Object.fromEntries(new Headers(init.headers)),
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-host': 'evil.example',
    };
    return { ...(await super.send(at(this.base)(url), { ...init, headers })), url };
  }
}

beforeAll(async () => {
  const shopClient = { client_id: 'photo-shop', redirect_uris: [CALLBACK], post_logout_redirect_uris: [GOODBYE] };
  services = await startServices({
    config: {
      ...testConfig({ clients: [shopClient], settings: { allow_private_receivers: false } }),
      issuer: ISSUER,
      public_urls: { token: ISSUER, introspect: ISSUER },
      trusted_proxies: [PROXY_ADDRESS],
    },
  });
  proxy = await ReverseProxy.start((service) => services.world.url(service));
  const through: oidc.CustomFetch = (url, options) => fetch(at(proxy.origin)(url), options as RequestInit);
  shop = await oidc.discovery(new URL(ISSUER), 'photo-shop', secretOf('photo-shop'), oidc.ClientSecretBasic(), {
    [oidc.customFetch]: through,
  });
}, 360_000);
afterAll(async () => {
  await proxy?.close();
  await services?.stop();
});

interface SignedIn {
  readonly tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers;
  readonly agent: Browser;
}

async function signedIn(base: string): Promise<SignedIn> {
  const [agent, verifier] = [new Browser(base), oidc.randomPKCECodeVerifier()];
  const code_challenge = await oidc.calculatePKCECodeChallenge(verifier);
  const request = oidc.buildAuthorizationUrl(shop, { redirect_uri: CALLBACK, scope: SCOPE, code_challenge, code_challenge_method: 'S256' });
  const landed = await signIn(agent, request, STORY.jane, isShops);
  return { agent, tokens: await oidc.authorizationCodeGrant(shop, landed.url, { pkceCodeVerifier: verifier, idTokenExpected: true }) };
}

const isShops = (url: URL) => url.origin === new URL(CALLBACK).origin;

async function lastLoginFrom(): Promise<unknown> {
  const sql = "SELECT details->>'address' AS address FROM auth.audit WHERE action = 'login.succeeded' ORDER BY id DESC LIMIT 1";
  return (await services.world.database.query(sql))[0]?.address;
}

describe('the public paths of the services', () => {
  it('begin differently in each of them, so that a proxy can tell them apart', () => {
    const owners = new Map<string, ServiceName[]>();
    for (const service of SERVICES) {
      for (const part of prefixes(service)) owners.set(part, [...(owners.get(part) ?? []), service]);
    }
    expect([...owners].filter(([, those]) => those.length > 1)).toEqual([]);
    expect(owners.get('token')).toEqual(['token']);
    expect(owners.get('.well-known')).toEqual(['auth']);
    expect(owners.get('admin/sessions')).toEqual(['session']);
    expect([...owners].filter(([part, [service = 'auth']]) => serviceOf(`/${part}/x`) !== service)).toEqual([]);
  });
});

/**
 * The first part of each path of the real route table; the admin API is told apart by the second. Health and metrics are for whoever
 * watches one process, and what is internal is on ports that no proxy leads to.
 */
function prefixes(service: ServiceName): Set<string> {
  const routes = services.app(service).getHttpAdapter().getInstance().printRoutes({ commonPrefix: false }) as string;
  const parts = [...routes.matchAll(/^[├└]── \/((?:admin\/)?[^/\s]+)/gm)].map(([, part = '']) => part);
  return new Set(parts.filter((part) => !['health', 'metrics', 'internal'].includes(part)));
}

describe('behind one proxy with one https origin', () => {
  it('every address that discovery names is the issuer’s, whatever Host it was asked by', () => {
    const urls = Object.entries(shop.serverMetadata()).filter(([name]) => /_endpoint$|^jwks_uri$/.test(name));
    expect(urls.length).toBeGreaterThanOrEqual(7);
    for (const [, url] of urls) expect(String(url)).toMatch(/^https:\/\/id\.photos\.example\/[a-z]+$/);
  });

  it('a client goes all the way: sign-in, tokens, userinfo, refresh, introspection, sign-out, and the end of them all', async () => {
    const { agent, tokens } = await signedIn(proxy.origin);
    expect(agent.trail.every((url) => url.startsWith(`${ISSUER}/`) || url.startsWith(CALLBACK))).toBe(true);
    expect([...agent.cookies().keys()].every((name) => name.startsWith('__Host-'))).toBe(true);
    expect(await oidc.fetchUserInfo(shop, tokens.access_token, oidc.skipSubjectCheck)).toMatchObject({ name: 'Jane Doe' });
    const refreshed = await oidc.refreshTokenGrant(shop, tokens.refresh_token ?? '');
    expect(await oidc.tokenIntrospection(shop, refreshed.access_token)).toMatchObject({ active: true, iss: ISSUER });

    const hint = { id_token_hint: tokens.id_token ?? '', post_logout_redirect_uri: GOODBYE, state: 'bye' };
    const landed = await agent.open(oidc.buildEndSessionUrl(shop, hint), isShops);
    expect(landed.url.href).toBe(`${GOODBYE}?state=bye`);
    expect(await oidc.tokenIntrospection(shop, refreshed.access_token)).toEqual({ active: false });
    await expect(oidc.refreshTokenGrant(shop, refreshed.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('pages ask the browser to stay on https and to keep the cookies there', async () => {
    const answer = await fetch(`${proxy.origin}/logout`, { redirect: 'manual' });
    expect(answer.headers.get('strict-transport-security')).toMatch(/^max-age=\d+/);
    expect(answer.headers.getSetCookie().every((cookie) => /; Secure/.test(cookie))).toBe(true);
  });

  it('the proxy’s word for who asks is taken, what the client wrote itself is not', async () => {
    await signedIn(proxy.origin);
    expect(await lastLoginFrom()).toBe(CLIENT_ADDRESS);
  });

  it('nobody else’s word is: who comes past the proxy is where the connection comes from', async () => {
    await signedIn(services.world.url('auth'));
    expect(await lastLoginFrom()).toBe('127.0.0.1');
  });
});
