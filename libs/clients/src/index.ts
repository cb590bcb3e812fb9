/**
 * libs/clients owns how a service knows a client: its record from auth, cached and re-read, and the proof that a request comes from
 * it. It writes no table and knows no endpoint. Called by token, introspect and auth wherever a client shows credentials.
 */
export type { Client } from './client.js';
export { clientOf } from './client.js';
export { type AuthenticationRequest, ClientAuthenticator, FAILURE_LIMIT } from './client-authenticator.js';
export { ClientDirectory, type ClientDirectoryOptions, type ClientSource } from './client-directory.js';
export { type Credentials, credentialsOf } from './credentials.js';
export { browserOriginsOf, OriginDirectory } from './origin-directory.js';
export { hashClientSecret, WEAK_BELOW } from './secret-hash.js';
