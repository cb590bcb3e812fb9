/**
 * libs/resource-server owns what an API needs to take our access tokens: verification, the copy of the revocation view that its feed keeps current, and
 * the answers of RFC 6750. It knows nothing of the services' insides, and brings no framework. APIs call it; in this repository only specs and examples do.
 */
export type { AccessToken } from './access-token.js';
export { BearerError, type BearerErrorCode } from './bearer-error.js';
export { createResourceServer, type ResourceServer, type ResourceServerOptions } from './create-resource-server.js';
export type { Requirements } from './requirements.js';
