import { clientMetadata, METADATA_MEMBERS, notBuiltYet, refuseNotBuilt } from '../src/index.js';

const problems = (written: Record<string, unknown>) => {
  const result = clientMetadata.safeParse(written);
  return (result.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
};
const web = { redirect_uris: ['https://shop.example/callback'] };
const browser = { application_type: 'browser', redirect_uris: ['https://spa.example/'], scope: 'openid online_access' };

describe('defaults (RFC 7591 §2, OIDC registration §2)', () => {
  test('a client that says nothing is a web client with a secret, the code grant and RS256', () => {
    expect(clientMetadata.parse({})).toMatchObject({
      application_type: 'web',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_signed_response_alg: 'RS256',
      redirect_uris: [],
      subject_type: 'public',
      first_party: false,
    });
  });

  test('a service gets client credentials and no response type, a browser client no secret', () => {
    expect(clientMetadata.parse({ application_type: 'service' })).toMatchObject({
      grant_types: ['client_credentials'],
      response_types: [],
      scope: '',
    });
    expect(clientMetadata.parse(browser).token_endpoint_auth_method).toBe('none');
  });

  test('parsing its own output changes nothing: records travel and are parsed again', () => {
    const once = clientMetadata.parse({ ...web, 'client_name#de': 'Laden', access_token_ttl: 60, offline_max: 'none' });
    expect(clientMetadata.parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
    expect(once).toMatchObject({ 'client_name#de': 'Laden', access_token_ttl: 60, offline_max: null });
  });
});

describe('every registered member is known', () => {
  test.each([
    {
      jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'a', y: 'b' }] },
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
    },
    { dpop_bound_access_tokens: true },
    { require_pushed_authorization_requests: true },
    { id_token_signed_response_alg: 'ES256', id_token_encrypted_response_alg: 'RSA-OAEP-256', id_token_encrypted_response_enc: 'A256GCM' },
    { grant_types: ['urn:ietf:params:oauth:grant-type:device_code'], redirect_uris: [] },
    { grant_types: ['urn:openid:params:grant-type:ciba'], backchannel_token_delivery_mode: 'poll' },
    { scope: 'openid address phone' },
    { tls_client_auth_san_dns: 'client.example', tls_client_certificate_bound_access_tokens: true },
    { authorization_details_types: ['payment'], introspection_signed_response_alg: 'ES256', authorization_signed_response_alg: 'PS256' },
    { frontchannel_logout_uri: 'https://rp.example/out', frontchannel_logout_session_required: true },
    { id_token_signing_alg_values_supported: ['ES256'], vp_formats: {}, client_registration_types: ['explicit'] },
  ])('%j', (written) => {
    expect(problems(written)).toEqual([]);
  });

  test('an unknown one is refused with the nearest known name', () => {
    expect(problems({ redirect_uri: ['https://a.example/'] })).toEqual(['redirect_uri: unknown key; did you mean redirect_uris?']);
    expect(problems({ zzz: 1 })).toEqual(['zzz: unknown key']);
    expect(METADATA_MEMBERS.length).toBeGreaterThan(90);
  });
});

describe('redirect URIs', () => {
  test.each(['https://shop.example/cb?x=1', 'http://localhost:3000/cb', 'http://127.0.0.1/cb', 'http://[::1]:8080/'])(
    '%s suits a web client',
    (uri) => {
      expect(problems({ redirect_uris: [uri] })).toEqual([]);
    },
  );

  test.each([
    'http://shop.example/cb',
    '/cb',
    'shop.example/cb',
    'https://shop.example/cb#x',
    'https://user:pw@shop.example/',
    'https://*.shop.example/',
    'com.example.app:/cb',
    'javascript:alert(1)',
    'https:/shop.example',
    'https://shop.example/a b',
    'https://shop.example\\@evil.example/',
    'https://shöp.example/',
    '',
  ])('%s does not', (uri) => {
    expect(problems({ redirect_uris: [uri] })).toHaveLength(1);
  });

  test('native apps may use schemes of their own, but none that a browser would run', () => {
    expect(problems({ application_type: 'native', redirect_uris: ['com.example.app:/cb'] })).toEqual([]);
    expect(problems({ application_type: 'native', redirect_uris: ['javascript:alert(1)', 'data:text/html,x'] })).toHaveLength(2);
  });

  test('each is listed once', () => {
    expect(problems({ redirect_uris: ['https://a.example/', 'https://a.example/'] })).toEqual(['redirect_uris.1: expected each URI once']);
  });
});

describe('kinds of client', () => {
  test.each([
    ['a secret', { token_endpoint_auth_method: 'client_secret_basic' }, 'token_endpoint_auth_method'],
    ['no online_access', { scope: 'openid' }, 'scope'],
    ['offline_access', { scope: 'openid online_access offline_access' }, 'scope'],
    ['another grant', { grant_types: ['authorization_code', 'client_credentials'] }, 'grant_types'],
  ])('a browser client with %s is refused', (_, member, path) => {
    expect(problems({ ...browser, ...member }).some((problem) => problem.startsWith(`${path}: expected`))).toBe(true);
  });

  test('a service is never redirected', () => {
    expect(problems({ application_type: 'service', redirect_uris: ['https://a.example/'] })).toHaveLength(1);
    expect(problems({ application_type: 'service', grant_types: ['authorization_code'] })).toHaveLength(1);
  });

  test('client credentials need credentials (RFC 6749 §4.4)', () => {
    expect(problems({ token_endpoint_auth_method: 'none', grant_types: ['client_credentials'] })).toHaveLength(1);
  });

  test('nobody registers for the password grant, alone or beside others (RFC 9700 §2.4)', () => {
    const said = ['grant_types: expected no password: a client never sees a password of its user (RFC 9700 §2.4)'];
    expect(problems({ application_type: 'service', redirect_uris: [], grant_types: ['password'] })).toEqual(said);
    expect(problems({ grant_types: ['authorization_code', 'password'] })).toEqual(said);
  });

  test('response types need their grant types (RFC 7591 §2.1), keys come one way', () => {
    expect(problems({ grant_types: ['client_credentials'], response_types: ['code'] })).toHaveLength(1);
    expect(problems({ jwks: { keys: [] }, jwks_uri: 'https://a.example/jwks' })).toHaveLength(1);
    expect(problems({ jwks: { keys: [{ kty: 'OKP', d: 'secret' }] } })).toEqual(['jwks.keys.0.d: expected public keys only']);
  });

  test('a back-channel URI: no fragment, http for confidential clients only (Back-Channel Logout §2.2)', () => {
    expect(problems({ backchannel_logout_uri: 'https://rp.example/out?tenant=1' })).toEqual([]);
    expect(problems({ backchannel_logout_uri: 'http://rp.example/out' })).toEqual([]);
    expect(
      problems({
        backchannel_logout_uri: 'http://rp.example/out',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code'],
      }),
    ).toHaveLength(1);
    expect(problems({ backchannel_logout_uri: 'https://rp.example/#x' })).toHaveLength(1);
    expect(problems({ backchannel_logout_uri: 'https://u:p@rp.example/' })).toHaveLength(1);
  });
});

describe('registered for what is not built yet', () => {
  test('is named member by member', () => {
    const metadata = clientMetadata.parse({
      ...web,
      dpop_bound_access_tokens: true,
      token_endpoint_auth_method: 'private_key_jwt',
      response_types: ['code', 'id_token code'],
      grant_types: ['authorization_code', 'implicit'],
    });
    expect(notBuiltYet(metadata).map(({ member }) => member)).toEqual([
      'token_endpoint_auth_method',
      'grant_types',
      'response_types',
      'dpop_bound_access_tokens',
    ]);
    expect(notBuiltYet(clientMetadata.parse(web))).toEqual([]);
  });

  test('is refused at the endpoint, never ignored', () => {
    const dpop = clientMetadata.parse({ dpop_bound_access_tokens: true });
    expect(() => refuseNotBuilt(dpop, 'token')).toThrow(expect.objectContaining({ code: 'invalid_dpop_proof' }));
    expect(() => refuseNotBuilt(dpop, 'authorize')).not.toThrow();
    const par = clientMetadata.parse({ require_pushed_authorization_requests: true });
    expect(() => refuseNotBuilt(par, 'authorize')).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    const encrypted = clientMetadata.parse({ id_token_encrypted_response_alg: 'RSA-OAEP' });
    expect(() => refuseNotBuilt(encrypted, 'token')).toThrow(expect.objectContaining({ code: 'unauthorized_client' }));
  });
});
