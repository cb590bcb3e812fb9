import { z } from 'zod';
import { actorName, grantRevokeReason } from '../events.js';
import { generation, identifier } from '../identifier.js';
import { internalEndpoint } from '../internal-endpoint.js';
import { logPassed } from './session-api.js';

const id = identifier;
const millis = z.int().nonnegative();

export const accessMode = z.enum(['online', 'offline', 'none']);
export type AccessMode = z.infer<typeof accessMode>;

/** What an authorization code stands for; stored beside the code's HMAC, never the code. */
export const codeContents = z.strictObject({
  client_id: id,
  redirect_uri: z.string(),
  /** Whether the authorization request named redirect_uri: then the token request must repeat it (RFC 6749 §4.1.3). */
  redirect_uri_sent: z.boolean(),
  sub: id,
  subject_gen: generation,
  sid: id,
  /** Granted, in the order asked; includes online_access or offline_access when granted. */
  scope: z.array(z.string()),
  /** True when `scope` is narrower than what was asked, so the token response must say so. */
  scope_narrowed: z.boolean(),
  access_mode: accessMode,
  consent_id: id.nullable(),
  nonce: z.string().nullable(),
  /** S256 only. */
  code_challenge: z.string().nullable(),
  auth_time: millis,
  amr: z.array(z.string()),
  acr: z.string().nullable(),
  /** RFC 8707 `resource` values granted. */
  resources: z.array(z.string()),
  /** max_age was asked, or require_auth_time registered: auth_time must be in the ID token. */
  auth_time_requested: z.boolean(),
});
export type CodeContents = z.infer<typeof codeContents>;

export const signPurpose = z.enum(['logout_token', 'introspection_response', 'userinfo', 'authorization_response', 'security_event']);
export type SignPurpose = z.infer<typeof signPurpose>;

/** A sealing key, wrapped under LANYARD_SEALING_KEK (AES-256-GCM, AAD = kid). Holders unwrap it in memory. */
export const wrappedSealingKey = z.strictObject({
  kid: id,
  wrapped: z.string(),
  state: z.enum(['pending', 'active', 'retiring']),
  activates_at: millis,
  removed_after: millis.nullable(),
});
export type WrappedSealingKey = z.infer<typeof wrappedSealingKey>;

export const tokenApi = {
  issueCode: internalEndpoint({
    callee: 'token',
    path: '/internal/codes/issue',
    callers: ['auth'],
    request: codeContents,
    response: z.strictObject({ code: z.string() }),
  }),
  /**
   * Revokes all grants that match; answers after the commit, with `confirmed` for the views. Exactly one selector. `actor`: who asked the caller
   * for it, for the audit of the transaction in which the grants die; without one (a caller of the version before): the calling service.
   */
  revokeGrants: internalEndpoint({
    callee: 'token',
    path: '/internal/grants/revoke',
    callers: ['auth', 'session'],
    request: z.strictObject({
      by: z.union([
        z.strictObject({ consent_id: id }),
        z.strictObject({ gid: id }),
        z.strictObject({ sub: id, client_id: id }),
        z.strictObject({ sid: id, client_id: id }),
      ]),
      reason: grantRevokeReason,
      actor: actorName.optional(),
    }),
    response: z.strictObject({ revoked: z.int(), confirmed: z.boolean() }),
    idempotent: true,
  }),
  /**
   * What clients hold in a user's name, one line per client: "my applications". A grant that nothing was revoked of yet but that hangs from an
   * ended session may still be counted: more than is usable, never less.
   */
  grantsOfSubject: internalEndpoint({
    callee: 'token',
    path: '/internal/grants/of-subject',
    callers: ['auth'],
    request: z.strictObject({ sub: id }),
    response: z.strictObject({
      clients: z.array(
        z.strictObject({
          client_id: id,
          scope: z.array(z.string()),
          since: millis,
          last_used_at: millis,
          offline_since: millis.nullable(),
        }),
      ),
    }),
    idempotent: true,
  }),
  /** RFC 7662 on a refresh token, for its own client only; anything else is `{active:false}`. */
  introspectRefreshToken: internalEndpoint({
    callee: 'token',
    path: '/internal/refresh-tokens/introspect',
    callers: ['introspect'],
    request: z.strictObject({ token: z.string().max(4096), client_id: id }),
    response: z.looseObject({ active: z.boolean() }),
    idempotent: true,
  }),
  /** Signs with the service's keys; the caller must be allowed the purpose, the signer sets `iss` and `typ`. `alg` null: the provider default. */
  sign: internalEndpoint({
    callee: 'token',
    path: '/internal/sign',
    callers: ['auth', 'session', 'introspect'],
    request: z.strictObject({ purpose: signPurpose, alg: z.string().nullable(), claims: z.record(z.string(), z.unknown()) }),
    response: z.strictObject({ jwt: z.string() }),
    idempotent: true,
  }),
  sealingKeys: internalEndpoint({
    callee: 'token',
    path: '/internal/sealing-keys',
    callers: ['auth', 'introspect'],
    request: z.strictObject({}),
    response: z.strictObject({ keys: z.array(wrappedSealingKey) }),
    idempotent: true,
    beforeReady: true,
  }),
  /** The public key set, as /jwks serves it, for verifying our own JWTs (ID token hints, JWT access tokens). */
  publicKeys: internalEndpoint({
    callee: 'token',
    path: '/internal/public-keys',
    callers: ['auth', 'introspect', 'session'],
    request: z.strictObject({}),
    response: z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())) }),
    idempotent: true,
    beforeReady: true,
  }),
  logPassed: logPassed('token', []),
};
