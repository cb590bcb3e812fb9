import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultAdvertisedHost } from '../src/advertised-host.js';
import { loadConfig, SecretNotThere } from '../src/index.js';
import { complaints, folder, load, removeFolder, SECRETS } from './config-fixture.js';

afterAll(removeFolder);

function errorOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('without a file', () => {
  test('secrets are enough: the issuer is localhost, the others are beside it', () => {
    const config = loadConfig('auth', { ...SECRETS, PORT_BASE: '5000' });
    expect(config).toMatchObject({
      issuer: 'http://localhost:5000',
      host: '127.0.0.1',
      ports: { public: 5000, internal: 5010 },
      catalogue: null,
      configFile: null,
      publicUrls: {
        auth: 'http://localhost:5000',
        token: 'http://localhost:5001',
        session: 'http://localhost:5002',
        introspect: 'http://localhost:5003',
      },
      internalUrls: {
        auth: 'http://127.0.0.1:5010',
        token: 'http://127.0.0.1:5011',
        session: 'http://127.0.0.1:5012',
        introspect: 'http://127.0.0.1:5013',
      },
    });
    expect(config.sealingKek).toEqual(Buffer.alloc(32, 2));
    expect(loadConfig('token', SECRETS).kek).toEqual(Buffer.alloc(32, 1));
    expect(loadConfig('introspect', { ...SECRETS, PORT_BASE: '5000' }).ports).toEqual({ public: 5003, internal: 5013 });
  });

  test('each service asks for its own secrets only', () => {
    const { LANYARD_KEK: _kek, LANYARD_SEALING_KEK: _sealing, ...others } = SECRETS;
    expect(loadConfig('session', others)).not.toHaveProperty('sealingKek');
    expect(complaints(() => loadConfig('introspect', others))).toEqual([
      expect.stringContaining('LANYARD_SEALING_KEK: is not set; expected 32 bytes'),
    ]);
  });

  test('everything that is missing is named at once, and no secret is repeated', () => {
    const said = complaints(() =>
      loadConfig('token', { LANYARD_PEPPER: 'short-secret', LANYARD_KEK: 'not-a-key', LANYARD_SERVICE_KEY: '{}' }),
    );
    expect(said).toHaveLength(7);
    expect(said.join()).not.toMatch(/short-secret|not-a-key/);
  });

  test('a secret may come from a file, not from both', () => {
    const file = join(folder, 'pepper');
    writeFileSync(file, `${'q'.repeat(40)}\n`);
    const { LANYARD_PEPPER: pepper, ...others } = SECRETS;
    expect(loadConfig('session', { ...others, LANYARD_PEPPER_FILE: file }).pepper.toString()).toBe('q'.repeat(40));
    expect(complaints(() => loadConfig('session', { ...others, LANYARD_PEPPER: pepper, LANYARD_PEPPER_FILE: file }))).toEqual([
      'LANYARD_PEPPER: expected LANYARD_PEPPER or LANYARD_PEPPER_FILE, not both',
    ]);
    expect(complaints(() => loadConfig('session', { ...others, LANYARD_PEPPER_FILE: join(folder, 'none') }))).toEqual([
      expect.stringContaining("can't be read (ENOENT)"),
    ]);
  });

  test('a file of a secret that is not there, or empty, may still come; beside anything that is wrong nothing is waited for', () => {
    const { LANYARD_PEPPER: _pepper, ...others } = SECRETS;
    const empty = join(folder, 'empty');
    writeFileSync(empty, '');
    const at = { host: '127.0.0.1', ports: { public: 6002, internal: 6012 } };
    for (const LANYARD_PEPPER_FILE of [join(folder, 'none'), empty]) {
      const env = { ...others, PORT_BASE: '6000', LANYARD_PEPPER_FILE };
      const thrown = errorOf(() => loadConfig('session', env));
      expect(thrown).toBeInstanceOf(SecretNotThere);
      expect(thrown).toMatchObject({ at });
      expect(errorOf(() => loadConfig('session', { ...env, LANYARD_LOG_LEVEL: 'loud' }))).not.toBeInstanceOf(SecretNotThere);
    }
    expect(errorOf(() => loadConfig('session', others))).not.toBeInstanceOf(SecretNotThere);
    expect(errorOf(() => loadConfig('session', { ...others, LANYARD_PEPPER_FILE: folder }))).not.toBeInstanceOf(SecretNotThere);
  });
});

describe('environment over file', () => {
  test('what the environment says wins', () => {
    const yaml = 'issuer: http://localhost:4000\nport_base: 4000\nhost: 127.0.0.2\nlog_level: debug\ntrusted_proxies: [10.0.0.0/8]';
    expect(load(yaml)).toMatchObject({ portBase: 4000, host: '127.0.0.2', logLevel: 'debug', trustedProxies: ['10.0.0.0/8'] });
    const env = {
      ISSUER: 'https://id.example',
      PORT_BASE: '6000',
      LANYARD_HOST: '::1',
      LANYARD_LOG_LEVEL: 'warn',
      LANYARD_TRUSTED_PROXIES: '192.0.2.1, 2001:db8::/32',
    };
    expect(load(yaml, env)).toMatchObject({
      issuer: 'https://id.example',
      portBase: 6000,
      logLevel: 'warn',
      trustedProxies: ['192.0.2.1', '2001:db8::/32'],
      publicUrls: { auth: 'https://id.example', token: 'https://id.example:6001' },
      internalUrls: { token: 'http://[::1]:6011' },
    });
  });

  test('a process that listens everywhere is reached by others at what it advertises, and reaches its neighbours by loopback', () => {
    const everywhere = { LANYARD_HOST: '0.0.0.0' };
    const config = load('', { ...everywhere, LANYARD_ADVERTISED_HOST: 'auth-1.internal' });
    expect(config).toMatchObject({ host: '0.0.0.0', advertisedHost: 'auth-1.internal', internalUrls: { token: 'http://127.0.0.1:4011' } });
    expect(load('', everywhere).advertisedHost).toBe(defaultAdvertisedHost('0.0.0.0'));
    expect(load('', { LANYARD_HOST: '10.1.2.3' }).advertisedHost).toBe('10.1.2.3');
  });

  test('behind one proxy all public URLs are the issuer; internal ones may be elsewhere', () => {
    const yaml =
      'issuer: https://id.example/tenant\npublic_urls: { token: "https://id.example/tenant/", introspect: https://id.example/tenant }';
    const config = load(yaml, { LANYARD_INTERNAL_URLS: '{"token":"http://token.internal:80/"}' });
    expect(config.publicUrls).toMatchObject({ auth: 'https://id.example/tenant', token: 'https://id.example/tenant' });
    expect(config.internalUrls).toMatchObject({ token: 'http://token.internal:80', auth: 'http://127.0.0.1:4010' });
  });

  test('the environment says it too, for a file that need not know where it runs; and how long a process that leaves still serves', () => {
    const proxy = 'https://id.example';
    const env = { LANYARD_PUBLIC_URLS: JSON.stringify({ token: `${proxy}/`, introspect: proxy }), LANYARD_DRAIN_DELAY: '1.5' };
    const config = load('issuer: https://id.example\npublic_urls: { token: https://elsewhere.example }', env);
    expect(config.publicUrls).toMatchObject({ auth: proxy, token: proxy, introspect: proxy });
    expect([config.drainDelayMs, load('').drainDelayMs]).toEqual([1_500, 0]);
  });

  test.each([
    ['PORT_BASE', '70000'],
    ['ISSUER', 'http://id.example'],
    ['ISSUER', 'https://id.example/?x'],
    ['LANYARD_LOG_LEVEL', 'loud'],
    ['LANYARD_TRUSTED_PROXIES', 'proxy.example'],
    ['LANYARD_INTERNAL_URLS', 'http://x'],
    ['LANYARD_INTERNAL_URLS', '{"tokn":"http://x"}'],
    ['LANYARD_PUBLIC_URLS', '{"token":"id.example"}'],
    ['LANYARD_DRAIN_DELAY', '301'],
    ['LANYARD_ADVERTISED_HOST', '0.0.0.0'],
    ['LANYARD_DRAIN_DELAY', '5s'],
  ])('%s=%s is refused by name', (name, value) => {
    expect(complaints(() => load('', { [name]: value }))).toEqual([expect.stringMatching(new RegExp(`^${name}: expected .*found`))]);
  });
});

describe('the file', () => {
  test('one that is not there, or not YAML, is named with its line', () => {
    expect(complaints(() => loadConfig('auth', { ...SECRETS, LANYARD_CONFIG: '/nowhere/lanyard.yaml' }))).toEqual([
      '/nowhere/lanyard.yaml: there is no such file',
    ]);
    expect(complaints(() => load('issuer: http://localhost:4000\nsettings: { a: 1\n'))[0]).toMatch(/lanyard\.yaml \(line 3\): /);
    expect(complaints(() => load('issuer: http://localhost:1\nissuer: http://localhost:2'))[0]).toMatch(
      /\(line 2\): Map keys must be unique/,
    );
    expect(complaints(() => load('- a'))[0]).toMatch(/expected members/);
  });

  test('an empty file, and empty sections, are nothing declared', () => {
    expect(load('').catalogue).toEqual({ apis: [], clients: [], users: [] });
    expect(load('settings:\napis:\nclients:\nusers:').catalogue).toEqual({ apis: [], clients: [], users: [] });
  });

  test.each([
    ['isuer: http://localhost:4000', 'lanyard.yaml: isuer (line 1): unknown key; did you mean issuer?'],
    [
      'issuer: http://id.example',
      'lanyard.yaml: issuer (line 1): expected an https URL without query, fragment or trailing slash (http on loopback only)',
    ],
    ['issuer: https://id.example/', expect.stringContaining('trailing slash')],
    ['public_urls: { tokn: https://a.example }', expect.stringContaining('public_urls.tokn (line 1): unknown key')],
    ['public_urls: { token: a.example }', expect.stringContaining('public_urls.token (line 1): expected an http or https URL')],
    ['settings:\n  session_idel: 1', 'lanyard.yaml: settings.session_idel (line 2): unknown key; did you mean session_idle?'],
    ['settings:\n  access_token_ttl: 0', 'lanyard.yaml: settings.access_token_ttl (line 2): expected at least 1 second'],
    ['settings: { access_token_ttl: 4000 }', expect.stringContaining('expected at most max_access_token_ttl (3600)')],
    ['settings: { refresh_grace: -1 }', expect.stringContaining('settings.refresh_grace')],
    [
      'issuer: https://id.example\nsettings: { allow_private_receivers: true }',
      'lanyard.yaml: settings.allow_private_receivers (line 2): expected false or a list of host names: true is for an issuer on loopback only',
    ],
  ])('%j says so', (yaml, said) => {
    expect(complaints(() => load(yaml))).toEqual([said]);
  });

  test('a service that is not auth checks what it reads, and leaves clients and users to auth', () => {
    const path = join(folder, 'other.yaml');
    writeFileSync(path, 'clients: [{ client_id: a }]\nsettings: { code_ttl: 30 }');
    const { LANYARD_KEK: _, ...env } = SECRETS;
    expect(loadConfig('session', { ...env, LANYARD_CONFIG: path }).settings.code_ttl).toBe(30);
  });
});
