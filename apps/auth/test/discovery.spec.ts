import { request } from 'node:http';
import * as oauth from 'oauth4webapi';
import * as oidc from 'openid-client';
import { loadConfig } from '#libs/config';
import { ServiceWorld, testConfig } from '#libs/testing';
import { createAuthApp, type RunningAuthApp } from '../src/app.js';

const OPENID = '/.well-known/openid-configuration';
const OAUTH = '/.well-known/oauth-authorization-server';

/** auth alone: the document needs nobody else. */
async function started(path = ''): Promise<{ world: ServiceWorld; app: RunningAuthApp; issuer: string }> {
  const world = await ServiceWorld.create(testConfig());
  const issuer = world.issuer + path;
  return { world, issuer, app: await createAuthApp(loadConfig('auth', { ...world.environment('auth'), ISSUER: issuer })) };
}

/** With a real client: it refuses a document whose issuer is not, byte for byte, the one it asked for. */
async function discovered(issuer: string, algorithm: 'oidc' | 'oauth2'): Promise<oidc.ServerMetadata> {
  const options: oidc.DiscoveryRequestOptions = { algorithm, execute: [oidc.allowInsecureRequests] };
  return (await oidc.discovery(new URL(issuer), 'photo-shop', undefined, undefined, options)).serverMetadata();
}

async function processed(issuer: string, algorithm: 'oidc' | 'oauth2'): Promise<oauth.AuthorizationServer> {
  const answer = await oauth.discoveryRequest(new URL(issuer), { algorithm, [oauth.allowInsecureRequests]: true });
  return oauth.processDiscoveryResponse(new URL(issuer), answer);
}

describe('what the server says about itself', () => {
  let running: Awaited<ReturnType<typeof started>>;
  const at = (path: string) => running.world.issuer + path;

  beforeAll(async () => {
    running = await started();
  }, 180_000);
  afterAll(async () => {
    await running?.app.close();
    await running?.world.dispose();
  });

  it.each(['oidc', 'oauth2'] as const)('is understood by openid-client and oauth4webapi: %s', async (algorithm) => {
    const { issuer } = running;
    expect(await discovered(issuer, algorithm)).toMatchObject({ issuer, authorization_endpoint: `${issuer}/authorize` });
    expect(await processed(issuer, algorithm)).toMatchObject({ issuer, userinfo_endpoint: `${issuer}/userinfo` });
  });

  it('is what is built, and no more', async () => {
    const { world } = running;
    const methods = ['client_secret_basic', 'client_secret_post', 'none'];
    const algs = expect.arrayContaining(['RS256', 'ES256', 'PS256', 'EdDSA']);
    expect(await (await fetch(at(OPENID))).json()).toEqual({
      issuer: world.issuer,
      authorization_endpoint: `${world.url('auth')}/authorize`,
      userinfo_endpoint: `${world.url('auth')}/userinfo`,
      end_session_endpoint: `${world.url('auth')}/logout`,
      token_endpoint: `${world.url('token')}/token`,
      jwks_uri: `${world.url('token')}/jwks`,
      revocation_endpoint: `${world.url('token')}/revoke`,
      introspection_endpoint: `${world.url('introspect')}/introspect`,
      scopes_supported: [
        ...['openid', 'profile', 'email', 'address', 'phone', 'online_access', 'offline_access'],
        ...['photos:read', 'photos:write', 'prints:order'],
      ],
      claims_supported: expect.arrayContaining(['sub', 'sid', 'auth_time', 'name', 'email', 'address', 'phone_number']),
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: algs,
      userinfo_signing_alg_values_supported: algs,
      introspection_signing_alg_values_supported: algs,
      token_endpoint_auth_methods_supported: methods,
      revocation_endpoint_auth_methods_supported: methods,
      introspection_endpoint_auth_methods_supported: methods,
      code_challenge_methods_supported: ['S256'],
      prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
      claim_types_supported: ['normal'],
      ui_locales_supported: ['en'],
      claims_parameter_supported: false,
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
      authorization_response_iss_parameter_supported: true,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      lanyard_revocation_feed_endpoint: `${world.url('introspect')}/revocations`,
      lanyard_admin_endpoints: { auth: world.url('auth'), session: world.url('session'), token: world.url('token') },
    });
  });

  it('does not depend on how it was asked: address, Host, forwarded headers', async () => {
    const document = await (await fetch(at(OPENID))).text();
    expect(await (await fetch(at(OAUTH))).text()).toBe(document);
    expect(await withHeaders(at(OPENID), { host: 'evil.example', 'x-forwarded-host': 'evil.example' })).toBe(document);
  });

  it('may be cached for five minutes, and read by scripts of browser clients only', async () => {
    const answer = await fetch(at(OPENID), { headers: { origin: 'http://localhost:4093' } });
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('public, max-age=300');
    expect(answer.headers.get('vary')).toBe('Origin');
    expect(answer.headers.get('access-control-allow-origin')).toBe('http://localhost:4093');
    const elsewhere = await fetch(at(OAUTH), { headers: { origin: 'https://evil.example' } });
    expect(elsewhere.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('is at no other address and by no other method', async () => {
    expect((await fetch(at(`${OAUTH}/other`))).status).toBe(404);
    expect((await fetch(at(OPENID), { method: 'POST', body: new URLSearchParams() })).status).toBe(405);
  });
});

describe('an issuer with a path', () => {
  let running: Awaited<ReturnType<typeof started>>;

  beforeAll(async () => {
    running = await started('/tenants/photos');
  }, 180_000);
  afterAll(async () => {
    await running?.app.close();
    await running?.world.dispose();
  });

  it.each(['oidc', 'oauth2'] as const)('is found where its clients look: %s', async (algorithm) => {
    const { issuer } = running;
    expect(await discovered(issuer, algorithm)).toMatchObject({ issuer, authorization_endpoint: `${issuer}/authorize` });
    expect(await processed(issuer, algorithm)).toMatchObject({ issuer });
  });

  it.each([
    [`/tenants/photos${OPENID}`, 200],
    [`${OPENID}/tenants/photos`, 200],
    [`${OAUTH}/tenants/photos`, 200],
    [OPENID, 200],
    [`${OAUTH}/tenants/other`, 404],
    [`/tenants/other${OPENID}`, 404],
  ])('%s: %i', async (path, status) => {
    const origin = new URL(running.issuer).origin;
    const answer = await fetch(origin + path, { headers: { origin: 'http://localhost:4093' } });
    expect(answer.status).toBe(status);
    if (status === 200) expect(answer.headers.get('access-control-allow-origin')).toBe('http://localhost:4093');
  });
});

function withHeaders(url: string, headers: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { headers }, async (response) => {
      let body = '';
      for await (const chunk of response) body += String(chunk);
      resolve(body);
    });
    asking.on('error', reject).end();
  });
}
