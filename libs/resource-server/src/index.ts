/**
 * libs/resource-server owns what an API needs to take our access tokens: verification, the copy of the revocation view that its feed keeps current, and
 * the answers of RFC 6750. It knows nothing of the services' insides, and brings no framework: adapters/ has an entrance for each. APIs call it; in this
 * repository only specs, measurements and examples do.
 */
export type { AccessToken } from './access-token.js';
export { BearerError, type BearerErrorCode } from './bearer-error.js';
export { createResourceServer } from './create-resource-server.js';
export type { ResourceServerOptions } from './options.js';
export type { Requirements } from './requirements.js';
export type { Freshness, ResourceServer } from './resource-server.js';
