/** The configuration of a measurement: two APIs, one of each kind of token, and who asks about them. Made for loopback only. */
export const OPAQUE_API = 'https://photos.example/api';
export const JWT_API = 'https://prints.example/api';
export const RESOURCE_SERVER = 'resource-server';
export const MACHINE = 'print-press';
export const secretOf = (clientId: string): string => `${clientId}-secret-only-for-a-measurement-on-loopback`;

export function benchConfig(): Record<string, unknown> {
  const service = (client_id: string, rest: Record<string, unknown>) => ({
    ...{ client_id, client_secret: secretOf(client_id), application_type: 'service', grant_types: [] },
    ...rest,
  });
  return {
    // No token expires during a run of an hour.
    settings: { access_token_ttl: 7_200, max_access_token_ttl: 7_200 },
    apis: [
      { identifier: OPAQUE_API, access_token_format: 'opaque', scopes: { 'photos:read': 'See your photos' } },
      { identifier: JWT_API, access_token_format: 'jwt', scopes: { 'prints:order': 'Order prints in your name' } },
    ],
    clients: [
      service(RESOURCE_SERVER, { resource_server_for: [OPAQUE_API, JWT_API] }),
      service(MACHINE, { grant_types: ['client_credentials'], scope: 'photos:read prints:order' }),
    ],
    users: [],
  };
}
