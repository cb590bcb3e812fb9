/**
 * The admin API that this server is itself the resource server of: always there, never declared in a file. Its scopes are for service
 * clients with client_credentials only: a person's consent must never hand out an operator's rights.
 */
export const ADMIN_SCOPES = {
  'lanyard:sessions:read': 'Read sessions, their clients and logout deliveries',
  'lanyard:sessions:write': 'End sessions, send logout tokens again',
  'lanyard:users:read': 'Read users and what they agreed to',
  'lanyard:users:write': 'Create and disable users, set passwords, withdraw consents',
  'lanyard:clients:read': 'Read client registrations',
  'lanyard:clients:write': 'Create, change and disable clients',
  'lanyard:grants:read': 'Read grants',
  'lanyard:grants:write': 'Revoke grants',
  'lanyard:keys:read': 'Read the list of keys',
  'lanyard:keys:write': 'Rotate and revoke keys',
  'lanyard:audit:read': 'Read the audit',
  'lanyard:configuration:write': 'Import APIs, clients and users as the configuration file does',
  'lanyard:status:read': 'Read figures of each process: event log, views, clocks, keys, disk',
} as const satisfies Record<string, string>;
export type AdminScope = keyof typeof ADMIN_SCOPES;

/** Names that begin so are this server's own. */
export const ADMIN_SCOPE_PREFIX = 'lanyard:';

export function isAdminScope(name: string): name is AdminScope {
  return Object.hasOwn(ADMIN_SCOPES, name);
}

/** The audience of its access tokens (RFC 8707 `resource`). */
export function adminApiIdentifier(issuer: string): string {
  return `${issuer}/admin`;
}
