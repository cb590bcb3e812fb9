/**
 * libs/http owns the HTTP boundary of every service: the two listeners, reading forms and queries, writing errors, service
 * tokens and the internal calls between services, health, CORS, the log and who the client's address is.
 * It may not know any business rule, table or page. Each app's app.ts calls createHttpApp; controllers use the decorators.
 * HTTP status codes are decided here and nowhere below a controller.
 */

export { type ByteString, bufferOf, jsonBytes } from './byte-string.js';
export type { CorsPolicy } from './cors.js';
export { type Problem, problemOf } from './errors/problem.js';
export type { ErrorWriter } from './errors/write-error.js';
export { type ParameterRules, Parameters } from './forms/parameters.js';
export { Form, formOf, JSON_ONLY, jsonOf, Query, queryOf } from './forms/read.js';
export { createHttpApp, HttpApp, type HttpAppOptions } from './http-app.js';
export type { HttpConfig } from './http-config.js';
export { HTTP_CONFIG, SERVICE_NAME } from './http-tokens.js';
export { Internal, InternalBody, InternalCaller, type InternalRequest } from './internal/internal.decorator.js';
export { InternalCallError, type InternalCallFailure } from './internal/internal-call-error.js';
export { type CallOptions, InternalClient } from './internal/internal-client.js';
export { ServiceTokenRefused, ServiceTokens } from './internal/service-tokens.js';
export { ListenError } from './listening.js';
export { LOG_FIELDS, Log, type LogFields, type LogLevel } from './log.js';
export { NestLog } from './nest-log.js';
export { answerOnlyAccepted } from './only-accepted.js';
export { runService, type ServicePorts } from './process/run-service.js';
export { Readiness, type ReadinessReason } from './readiness.js';
export { currentRequestId, runWithRequestId } from './request-context.js';
export { clientAddress, listenerOf, requestIdOf } from './request-facts.js';
export type { ShortAnswer, ShortRoute } from './short-way.js';
