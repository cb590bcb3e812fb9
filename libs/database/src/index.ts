/**
 * libs/database owns the way to Postgres: one pool a process, transactions as a parameter, migrations under a lock, the roles
 * and schemas of an installation, the database clock `lanyard.now()`, random ids and the keyed hashes that stand in for secrets
 * at rest. It knows no table of any app. Called by every app and by the launcher (`provision`).
 */
export { Database } from './database.js';
export { type MigrationClass, type OpenOptions, openDatabase } from './open-database.js';
export { Pepper, type PepperType } from './pepper.js';
export { type ProvisionOptions, provision } from './provision.js';
export { randomId, randomSecret } from './random.js';
export { ROLES, type Role, SERVICE_ROLES } from './roles.js';
export { ServerClock } from './server-clock.js';
export type { Sql, SqlResult, Tx } from './sql.js';
export { isUnavailable, isUniqueViolation, sqlState } from './sql-state.js';
