import * as oauth from 'oauth4webapi';
import { STORY, secretOf } from '#libs/testing';
import { signIn } from '../actors/sign-in.js';
import { UserAgent } from '../actors/user-agent.js';
import { startWorld, type World } from '../world.js';

/** A second client library that no one here wrote, step by step: code with PKCE, refresh, introspection, revocation, logout. */
let world: World;
let server: oauth.AuthorizationServer;
const insecure = { [oauth.allowInsecureRequests]: true } as const;

beforeAll(async () => {
  world = await startWorld();
  const issuer = new URL(world.issuer);
  server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
}, 360_000);
afterAll(() => world?.close());

const client: oauth.Client = { client_id: 'photo-shop' };
const authentication = oauth.ClientSecretBasic(secretOf('photo-shop'));

async function codeFlow(scope: string) {
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const url = new URL(server.authorization_endpoint ?? '');
  const parameters = {
    client_id: client.client_id,
    redirect_uri: world.shop.callback,
    response_type: 'code',
    scope,
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  const agent = new UserAgent();
  const landed = await signIn(agent, url, STORY.jane, world.shop.isMine);
  // checks state, and `iss` because the metadata says that it comes (RFC 9207)
  const callback = oauth.validateAuthResponse(server, client, landed.url, state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    authentication,
    callback,
    world.shop.callback,
    verifier,
    insecure,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, { expectedNonce: nonce, requireIdToken: true });
  await oauth.validateApplicationLevelSignature(server, response, insecure);
  return { agent, tokens };
}

describe('oauth4webapi', () => {
  it('reads both metadata documents and finds the same', async () => {
    const issuer = new URL(world.issuer);
    const response = await oauth.discoveryRequest(issuer, { ...insecure, algorithm: 'oauth2' });
    const metadata = await oauth.processDiscoveryResponse(issuer, response);
    expect(metadata.token_endpoint).toBe(server.token_endpoint);
    expect(server.authorization_response_iss_parameter_supported).toBe(true);
    expect(server.code_challenge_methods_supported).toEqual(['S256']);
  });

  it('goes through code, PKCE, ID token, userinfo, refresh, introspection and revocation', async () => {
    const { tokens } = await codeFlow('openid profile photos:read online_access');
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    expect(claims).toMatchObject({ iss: world.issuer, aud: 'photo-shop' });

    const userinfoResponse = await oauth.userInfoRequest(server, client, tokens.access_token, insecure);
    expect(await oauth.processUserInfoResponse(server, client, claims?.sub ?? '', userinfoResponse)).toMatchObject({ name: 'Jane Doe' });

    const refreshResponse = await oauth.refreshTokenGrantRequest(server, client, authentication, tokens.refresh_token ?? '', insecure);
    const refreshed = await oauth.processRefreshTokenResponse(server, client, refreshResponse);
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token);

    expect(await introspect(refreshed.access_token)).toMatchObject({ active: true, client_id: 'photo-shop' });
    const revocation = await oauth.revocationRequest(server, client, authentication, refreshed.refresh_token ?? '', insecure);
    await oauth.processRevocationResponse(revocation);
    expect(await introspect(refreshed.access_token)).toEqual({ active: false });
  });

  it('is told invalid_grant after the session ended', async () => {
    const { agent, tokens } = await codeFlow('openid photos:read online_access');
    const page = await agent.open(world.shop.logoutUrl(tokens.id_token ?? '', 's'), world.shop.isMine);
    expect(page.url.pathname).toBe('/signed-out');
    const response = await oauth.refreshTokenGrantRequest(server, client, authentication, tokens.refresh_token ?? '', insecure);
    await expect(oauth.processRefreshTokenResponse(server, client, response)).rejects.toMatchObject({
      error: 'invalid_grant',
      status: 400,
    });
  });

  it('gets a token by client credentials that no session end touches', async () => {
    const press: oauth.Client = { client_id: 'print-press' };
    const parameters = new URLSearchParams({ scope: 'prints:order' });
    const response = await oauth.clientCredentialsGrantRequest(
      server,
      press,
      oauth.ClientSecretBasic(secretOf('print-press')),
      parameters,
      insecure,
    );
    const token = await oauth.processClientCredentialsResponse(server, press, response);
    expect(token.refresh_token).toBeUndefined();
    const api = world.raw('prints-api');
    expect((await api.introspect(token.access_token)).body).toMatchObject({ active: true, client_id: 'print-press', aud: STORY.printsApi });
    expect((await world.raw('photos-api').introspect(token.access_token)).body).toEqual({ active: false });
    // the same access token locally: RFC 9068, by the key set
    const request = new Request('https://prints.example/api', { headers: { authorization: `Bearer ${token.access_token}` } });
    const claims = await oauth.validateJwtAccessToken(server, request, STORY.printsApi, insecure);
    expect(claims).toMatchObject({ client_id: 'print-press', scope: 'prints:order' });
  });
});

async function introspect(token: string): Promise<oauth.IntrospectionResponse> {
  const gateway: oauth.Client = { client_id: 'gateway' };
  const response = await oauth.introspectionRequest(server, gateway, oauth.ClientSecretBasic(secretOf('gateway')), token, insecure);
  return oauth.processIntrospectionResponse(server, gateway, response);
}
