/**
 * libs/audit owns the form of every service's audit: the columns of its append-only table, the statement that writes it and the route that
 * reads it. What may be audited, and with which details, is each service's own list of types (apps/<service>/src/audit); the table is
 * each service's too, with its migration. Called by whatever changes something, in the transaction of the change.
 */
export { adminAuditOf } from './admin-audit.js';
export { AuditEntity } from './audit.entity.js';
export { auditRoute } from './audit-route.js';
export { foundBy } from './found-by.js';
export { type AuditRead, readAudit } from './read-audit.js';
export { type AuditedAct, writeAudit } from './write-audit.js';
