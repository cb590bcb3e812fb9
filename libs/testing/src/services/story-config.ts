import { ADMIN_SCOPES } from '#libs/protocol';

/** The photo printing business of the main story, as an object that becomes a configuration file. Secrets are long: none is throttled. */
export interface StoryConfig {
  settings: Record<string, unknown>;
  apis: Record<string, unknown>[];
  clients: ({ client_id: string } & Record<string, unknown>)[];
  users: ({ username: string } & Record<string, unknown>)[];
}

export interface StoryOverrides extends Partial<Omit<StoryConfig, 'settings'>> {
  settings?: Record<string, unknown>;
}

export const STORY = {
  photosApi: 'https://photos.example/api',
  printsApi: 'https://prints.example/api',
  jane: { username: 'jane', password: 'correct horse battery staple' },
  john: { username: 'john', password: 'purple monkey dishwasher' },
} as const;

/** Every confidential client of the story has this kind of secret. */
export function secretOf(clientId: string): string {
  return `${clientId}-secret-only-for-the-tests-of-this-repository`;
}

function web(clientId: string, port: number, scope: string): StoryConfig['clients'][number] {
  return {
    client_id: clientId,
    client_secret: secretOf(clientId),
    client_name: clientId.replace('-', ' '),
    application_type: 'web',
    redirect_uris: [`http://localhost:${port}/callback`],
    post_logout_redirect_uris: [`http://localhost:${port}/goodbye`],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'client_secret_basic',
    scope,
  };
}

function service(clientId: string, rest: Record<string, unknown>): StoryConfig['clients'][number] {
  return { client_id: clientId, client_secret: secretOf(clientId), application_type: 'service', grant_types: [], ...rest };
}

/**
 * Overrides: `settings` are merged; entries of `clients`, `apis` and `users` are added, or merged over the one of the same
 * client_id, identifier or username (so `{ client_id: 'photo-shop', backchannel_logout_uri: receiver.url }` is enough).
 */
export function testConfig(overrides: StoryOverrides = {}): StoryConfig {
  return {
    // A test that asserts a confirmation is about its coming, not about the 150 ms that a busy machine takes for anything.
    settings: { allow_private_receivers: true, confirm_wait_ms: 1_000, ...overrides.settings },
    apis: merged('identifier', overrides.apis, [
      {
        identifier: STORY.photosApi,
        access_token_format: 'opaque',
        scopes: { 'photos:read': 'See your photos', 'photos:write': 'Add, change and delete your photos' },
      },
      { identifier: STORY.printsApi, access_token_format: 'jwt', scopes: { 'prints:order': 'Order prints in your name' } },
    ]),
    clients: merged('client_id', overrides.clients, [
      web('photo-shop', 4090, 'openid profile email photos:read photos:write prints:order online_access'),
      web('photo-book', 4091, 'openid profile photos:read online_access'),
      web('photo-backup', 4092, 'openid photos:read online_access offline_access'),
      {
        client_id: 'photo-viewer',
        client_name: 'Photo Viewer',
        application_type: 'browser',
        redirect_uris: ['http://localhost:4093/'],
        allowed_origins: ['http://localhost:4093'],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'none',
        scope: 'openid profile photos:read online_access',
      },
      service('print-press', { grant_types: ['client_credentials'], scope: 'photos:read prints:order' }),
      service('photos-api', { resource_server_for: [STORY.photosApi] }),
      service('prints-api', { resource_server_for: [STORY.printsApi] }),
      service('gateway', { resource_server_for: ['*'] }),
      service('admin-cli', { grant_types: ['client_credentials'], scope: Object.keys(ADMIN_SCOPES).join(' ') }),
    ]),
    users: merged('username', overrides.users, [
      { ...STORY.jane, claims: { name: 'Jane Doe', email: 'jane@photos.example', email_verified: true }, roles: ['editor'] },
      { ...STORY.john, claims: { name: 'John Roe', email: 'john@photos.example', email_verified: true }, roles: ['viewer'] },
    ]),
  };
}

function merged<T extends Record<string, unknown>>(key: string, over: readonly T[] = [], base: readonly T[]): T[] {
  const result = new Map(base.map((entry) => [entry[key], entry]));
  for (const entry of over) result.set(entry[key], { ...result.get(entry[key]), ...entry });
  return [...result.values()];
}
