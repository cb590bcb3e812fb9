/**
 * libs/contracts owns what crosses a process border: the events of the log and the internal API's shapes.
 * Both ends validate with these schemas. It may not do I/O and knows no app.
 */
export * from './events.js';
export { identifier } from './identifier.js';
export * from './internal/auth-api.js';
export * from './internal/client-record.js';
export * from './internal/session-api.js';
export * from './internal/token-api.js';
export * from './internal/view-api.js';
export * from './internal-endpoint.js';
export * from './revocation-entry.js';
export * from './service-names.js';
