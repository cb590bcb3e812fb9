import { complaints, load, removeFolder } from './config-fixture.js';

afterAll(removeFolder);

const SECRET = 's'.repeat(40);

/** The form that tools outside this repository write. */
const STORY = `
issuer: http://localhost:4000
public_urls: { token: http://localhost:4001, introspect: http://localhost:4003 }
settings: { access_token_ttl: 300, session_idle: 1800, session_max: 36000, refresh_grace: 30, default_access_mode: online, allow_private_receivers: true }
apis:
  - identifier: https://photos.example/api
    access_token_format: opaque
    scopes: { "photos:read": "See your photos" }
clients:
  - { client_id: photo-shop, client_secret: ${SECRET}, application_type: web, redirect_uris: [http://localhost:5000/cb], post_logout_redirect_uris: [http://localhost:5000/],
      backchannel_logout_uri: http://localhost:5000/out, grant_types: [authorization_code, refresh_token], token_endpoint_auth_method: client_secret_basic,
      scope: "openid profile email photos:read online_access" }
  - { client_id: photos-api, client_secret: ${SECRET}, application_type: service, resource_server_for: [https://photos.example/api] }
users:
  - { username: jane, password: correct horse, claims: { name: Jane Doe, email: jane@photos.example, email_verified: true }, roles: [editor] }
`;

test('the agreed form of a file is understood', () => {
  const { catalogue } = load(STORY);
  expect(catalogue?.apis).toEqual([
    {
      identifier: 'https://photos.example/api',
      name: null,
      accessTokenFormat: 'opaque',
      scopes: [{ name: 'photos:read', description: 'See your photos' }],
    },
  ]);
  expect(catalogue?.clients.map(({ clientId, secrets }) => [clientId, secrets])).toEqual([
    ['photo-shop', [SECRET]],
    ['photos-api', [SECRET]],
  ]);
  expect(catalogue?.clients[1]?.metadata).toMatchObject({
    grant_types: ['client_credentials'],
    resource_server_for: ['https://photos.example/api'],
  });
  expect(catalogue?.users).toEqual([
    {
      username: 'jane',
      password: 'correct horse',
      claims: { name: 'Jane Doe', email: 'jane@photos.example', email_verified: true },
      roles: ['editor'],
    },
  ]);
});

test('secrets can be left to the environment; nothing else is ever substituted', () => {
  const yaml = `clients: [{ client_id: a, client_secret: "\${SHOP}", client_name: "\${SHOP}" }]\nusers: [{ username: u, password: "\${PW}" }]`;
  const { catalogue } = load(yaml, { SHOP: SECRET, PW: 'pw' });
  expect(catalogue?.clients[0]).toMatchObject({ secrets: [SECRET], metadata: { client_name: `\${SHOP}` } });
  expect(catalogue?.users[0]?.password).toBe('pw');
  expect(complaints(() => load(yaml, { PW: 'pw' }))).toEqual([
    'lanyard.yaml: clients[0].client_secret (line 1): expected the environment variable SHOP to be set',
  ]);
});

const client = (members: string) => `clients:\n  - { client_id: a, client_secret: x, ${members} }`;

test.each([
  ['clients: {}', 'clients (line 1): expected a list'],
  ['clients: [a]', 'clients[0] (line 1): '],
  ['clients: [{ client_secret: x }]', 'clients[0].client_id (line 1): expected a string'],
  [
    'clients: [{ client_id: a }]',
    'clients[0].client_secret (line 1): expected a client_secret for client_secret_basic; a public client says token_endpoint_auth_method: none',
  ],
  ['clients: [{ client_id: a, client_secret: 123 }]', 'clients[0].client_secret (line 1): expected a string'],
  [client('token_endpoint_auth_method: none'), 'clients[0].client_secret (line 2): expected none'],
  [client('redirect_uri: [https://a.example/]'), 'clients[0].redirect_uri (line 2): unknown key; did you mean redirect_uris?'],
  [client('redirect_uris: [https://a.example/, http://b.example/]'), 'clients[0].redirect_uris[1] (line 2): expected https'],
  [client('access_token_ttl: 0'), 'clients[0].access_token_ttl (line 2): expected at least 1 second'],
  [client('access_token_ttl: 7200'), 'clients[0].access_token_ttl (line 2): expected at most settings.max_access_token_ttl (3600)'],
  [
    client('scope: "openid nobody:knows"'),
    'clients[0].scope (line 2): expected scopes that are standard or that an API declares; no API declares nobody:knows',
  ],
  [
    client('resource_server_for: [https://x.example]'),
    'clients[0].resource_server_for[0] (line 2): expected the identifier of an API of this file, or "*"',
  ],
  [
    client('backchannel_logout_uri: http://localhost:1/out'),
    'clients[0].backchannel_logout_uri (line 2): expected a public host, or localhost in settings.allow_private_receivers',
  ],
  [client('backchannel_logout_uri: https://169.254.169.254/'), 'clients[0].backchannel_logout_uri (line 2): expected a public host'],
  [client('jwks_uri: "https://[fd00::1]/jwks"'), 'clients[0].jwks_uri (line 2): expected a public host'],
  [client('client_name: "a\\0b"'), 'clients[0].client_name (line 2): expected text without NUL'],
  [
    'clients:\n  - { client_id: a, client_secret: x }\n  - { client_id: a, client_secret: y }',
    'clients[1].client_id (line 3): expected each client_id once; clients[0] has it too',
  ],
  [
    'users:\n  - { username: jane, password: x }\n  - { username: JANE, password: y }',
    'users[1].username (line 3): expected each username once; users[0] has it too',
  ],
  ['users: [{ username: jane }]', 'users[0].password (line 1): expected a string'],
  ['users: [{ username: jane, password: x, pasword: y }]', 'users[0].pasword (line 1): unknown key'],
  ['users: [{ username: jane, password: x, claims: { sub: other } }]', 'users[0].claims.sub (line 1): expected a claim about the person'],
  ['users: [{ username: jane, password: x, claims: { email: nowhere } }]', 'users[0].claims.email (line 1): expected an e-mail address'],
  [
    'apis:\n  - { identifier: https://a.example }\n  - { identifier: https://a.example }',
    'apis[1].identifier (line 3): expected each API once; apis[0] is the same',
  ],
  [
    'apis:\n  - { identifier: https://a.example, scopes: { "a:b": x } }\n  - { identifier: https://b.example, scopes: { "a:b": y } }',
    'apis[1].scopes["a:b"] (line 3): expected each scope in one API only; apis[0] has it too',
  ],
  ['apis: [{ identifier: photos }]', 'apis[0].identifier (line 1): expected an absolute URI without fragment (RFC 8707 §2)'],
  [
    'apis: [{ identifier: https://a.example, scopes: { openid: x } }]',
    'apis[0].scopes.openid (line 1): expected another name: openid is a standard scope',
  ],
  ['apis: [{ identifier: https://a.example, access_token_format: xml }]', 'apis[0].access_token_format (line 1): '],
  ['apis: [{ identifier: http://localhost:4000 }]', 'apis[0].identifier (line 1): expected another identifier than the issuer'],
])('%j says so', (yaml, said) => {
  const [first = ''] = complaints(() => load(yaml));
  expect(first.startsWith(`lanyard.yaml: ${said}`) || first).toBe(true);
});

test('private receivers are allowed by host name, and then http is too', () => {
  const yaml = (allowed: string) =>
    `issuer: https://id.example\nsettings: { allow_private_receivers: ${allowed} }\n${client('backchannel_logout_uri: http://shop.internal/out')}`;
  expect(complaints(() => load(yaml('[shop.internal]')))).toEqual([]);
  expect(complaints(() => load(yaml('[other.internal]')))).toEqual([
    expect.stringContaining('expected https, or shop.internal in settings.allow_private_receivers'),
  ]);
});

test('every problem is named, not only the first', () => {
  const yaml = 'clients:\n  - { client_id: a, client_secret: x, foo: 1, redirect_uris: [http://a.example] }\nusers: [{ username: "" }]';
  expect(complaints(() => load(yaml)).length).toBeGreaterThanOrEqual(3);
});

describe('the admin API is the server’s own', () => {
  const service = `client_id: cli, client_secret: ${SECRET}, application_type: service`;

  test('its scopes are for a service with client_credentials only: a person’s consent never hands out an operator’s rights', () => {
    expect(load(`clients: [{ ${service}, scope: "lanyard:users:read lanyard:audit:read" }]`).catalogue?.clients).toHaveLength(1);
    const web = `client_id: app, client_secret: ${SECRET}, redirect_uris: [https://app.example/cb], scope: "openid lanyard:users:write"`;
    const refused = "expected no lanyard:users:write: operators' scopes are for a service with client_credentials only";
    expect(complaints(() => load(`clients: [{ ${web} }]`))).toEqual([expect.stringContaining(refused)]);
    expect(complaints(() => load(`clients: [{ ${web}, grant_types: [authorization_code, client_credentials] }]`))).toEqual([
      expect.stringContaining(refused),
    ]);
  });

  test('an unknown one is unknown', () => {
    expect(complaints(() => load(`clients: [{ ${service}, scope: "lanyard:everything" }]`))).toEqual([
      expect.stringContaining('no API declares lanyard:everything'),
    ]);
  });

  test('neither its identifier nor its scopes can be declared', () => {
    expect(complaints(() => load('issuer: http://localhost:4000\napis: [{ identifier: "http://localhost:4000/admin" }]'))).toEqual([
      expect.stringContaining('the admin API is always there'),
    ]);
    expect(complaints(() => load('apis: [{ identifier: "https://a.example", scopes: { "lanyard:mine": null } }]'))).toEqual([
      expect.stringContaining("these scopes are the server's own"),
    ]);
  });
});
