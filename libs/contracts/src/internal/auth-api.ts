import { z } from 'zod';
import { generation, identifier } from '../identifier.js';
import { internalEndpoint } from '../internal-endpoint.js';
import { clientRecord } from './client-record.js';
import { logPassed } from './session-api.js';

const id = identifier;

export const authApi = {
  /** The client's present record; `client: null` = unknown. Disabled clients are returned, marked. */
  client: internalEndpoint({
    callee: 'auth',
    path: '/internal/clients/get',
    callers: ['token', 'introspect', 'session'],
    request: z.strictObject({ client_id: id }),
    response: z.strictObject({ client: clientRecord.nullable() }),
    idempotent: true,
    beforeReady: true,
  }),
  /** CORS: whether an enabled client of application_type browser lives at that origin. A preflight names no client. */
  browserOrigin: internalEndpoint({
    callee: 'auth',
    path: '/internal/clients/browser-origin',
    callers: ['token', 'introspect'],
    request: z.strictObject({ origin: z.string().regex(/^[^\0]{1,300}$/) }),
    response: z.strictObject({ allowed: z.boolean() }),
    idempotent: true,
    timeoutMs: 500,
  }),
  /** What token issuance needs of a subject. Unknown: null. */
  subject: internalEndpoint({
    callee: 'auth',
    path: '/internal/subjects/get',
    callers: ['token', 'session'],
    request: z.strictObject({ sub: id }),
    response: z.strictObject({
      subject: z
        .strictObject({ sub: id, gen: generation, disabled: z.boolean(), username: z.string(), roles: z.array(z.string()) })
        .nullable(),
    }),
    idempotent: true,
  }),
  /** An operator's switch; the admin API stands on the same function. */
  setSubjectDisabled: internalEndpoint({
    callee: 'auth',
    path: '/internal/subjects/set-disabled',
    callers: ['auth'],
    request: z.strictObject({ sub: id, disabled: z.boolean() }),
    response: z.strictObject({ gen: generation, confirmed: z.boolean() }),
  }),
  setClientDisabled: internalEndpoint({
    callee: 'auth',
    path: '/internal/clients/set-disabled',
    callers: ['auth'],
    request: z.strictObject({ client_id: id, disabled: z.boolean() }),
    response: z.strictObject({ gen: generation, confirmed: z.boolean() }),
  }),
  /** Consent withdrawn by an operator; the grants are dead before this answers. */
  revokeConsent: internalEndpoint({
    callee: 'auth',
    path: '/internal/consents/revoke',
    callers: ['auth'],
    request: z.strictObject({ sub: id, client_id: id }),
    response: z.strictObject({ revoked: z.boolean(), confirmed: z.boolean() }),
  }),
  logPassed: logPassed('auth', ['session', 'token']),
};
