/** The database roles of the services, and the schema that each owns. `lanyard_introspect` owns nothing. */
export const SERVICE_ROLES = {
  lanyard_auth: 'auth',
  lanyard_session: 'session',
  lanyard_token: 'token',
  lanyard_introspect: null,
} as const;

/** `lanyard_log` reads what the owners publish; each owner's migration grants it the outbox and the ticket function, nothing else. */
export const ROLES = ['lanyard_auth', 'lanyard_session', 'lanyard_token', 'lanyard_introspect', 'lanyard_log'] as const;
export type Role = (typeof ROLES)[number];
