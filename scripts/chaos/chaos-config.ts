/** The configuration of a run: so many users that ending all of one leaves the others, and clients that hear of ends. Made for loopback only. */
export const API = 'https://photos.example/api';
export const CLIENTS = ['shop', 'book', 'prints', 'album'] as const;
export type ClientId = (typeof CLIENTS)[number];
export const RESOURCE_SERVER = 'gateway';
export const OPERATOR = 'operator';
export const SCOPE = ['openid', 'photos:read', 'online_access'];
const USERS = 24;

export const callbackOf = (client: ClientId): string => `http://localhost:4090/${client}/callback`;
export const goodbyeOf = (client: ClientId): string => `http://localhost:4090/${client}/goodbye`;
export const secretOf = (clientId: string): string => `${clientId}-secret-only-for-a-run-of-chaos-on-loopback`;
export const passwordOf = (username: string): string => `${username} correct horse battery staple`;
export const usernames = Array.from({ length: USERS }, (_, n) => `user-${n + 1}`);

/** `logoutUri`: where each client hears of ends. */
export function chaosConfig(logoutUri: (client: ClientId) => string, settings: Record<string, unknown> = {}): Record<string, unknown> {
  const web = (client_id: ClientId) => ({
    ...{ client_id, client_secret: secretOf(client_id), application_type: 'web', token_endpoint_auth_method: 'client_secret_basic' },
    redirect_uris: [callbackOf(client_id)],
    post_logout_redirect_uris: [goodbyeOf(client_id)],
    backchannel_logout_uri: logoutUri(client_id),
    backchannel_logout_session_required: true,
    grant_types: ['authorization_code', 'refresh_token'],
    scope: SCOPE.join(' '),
  });
  const service = (client_id: string, rest: Record<string, unknown>) => ({
    ...{ client_id, client_secret: secretOf(client_id), application_type: 'service', grant_types: [] },
    ...rest,
  });
  return {
    // No session ends by itself, and no token, during a run of an hour.
    settings: {
      ...{ allow_private_receivers: true, access_token_ttl: 7_200, max_access_token_ttl: 7_200, id_token_ttl: 7_200 },
      ...{ session_idle: 86_400, session_max: 86_400 },
      ...settings,
    },
    apis: [{ identifier: API, access_token_format: 'opaque', scopes: { 'photos:read': 'See your photos' } }],
    clients: [
      ...CLIENTS.map(web),
      service(RESOURCE_SERVER, { resource_server_for: ['*'] }),
      service(OPERATOR, {
        grant_types: ['client_credentials'],
        scope: 'lanyard:sessions:read lanyard:sessions:write lanyard:users:read lanyard:users:write',
      }),
    ],
    users: usernames.map((username) => ({ username, password: passwordOf(username), claims: { name: username } })),
  };
}
