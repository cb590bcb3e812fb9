/**
 * libs/admin-api owns the form of every service's admin API: how a route is declared, who may call it (an access token of our own for
 * `<issuer>/admin`, with the route's scope, judged by the revocation view), how its input is read, how lists are paged, and the OpenAPI
 * document made of the declarations. It knows no table and decides nothing about what a route does. Called by apps/<service>/src/admin.
 */

export { AdminApiModule, type AdminApiOptions } from './admin-api.module.js';
export type { AdminAct, AdminAudit } from './admin-audit.js';
export { noteAudited } from './admin-call.js';
export { AdminCaller, AdminInput, AdminRoute, type CallingClient } from './admin-route.decorator.js';
export { type AdminInputOf, type AdminMethod, type AdminRouteDefinition, adminRoute } from './admin-route.js';
export { bearerToken } from './bearer-token.js';
export { type CursorShape, cursorNumber, cursorOf, cursorTime } from './cursor.js';
export { closeBody, closeResponse } from './dead-letter-close.js';
export { replayBody, replayResponse } from './dead-letter-replay.js';
export { adminConflict, adminNotFound } from './errors.js';
export { type OpenApiDocument, type OpenApiOptions, openApiOf } from './openapi.js';
export { type Page, pageOf, pageQuery, pageResponse } from './page.js';
export { ADMIN_TOKEN_READER, type AdminTokenReader } from './token-reader.js';
export { unreadEventRoutes } from './unread-event-routes.js';
