import { z } from 'zod';
import { generation, identifier } from './identifier.js';
import type { SourceName } from './service-names.js';

/**
 * The one map of business events (stream `events`): name → payload schema, version, owner, and which field is the key.
 * All of one key's events stay in order. A payload never carries a token, a secret or a password.
 * Times are milliseconds since the epoch by the owner's database clock. A member that a later version adds is optional, so that a receiver
 * understands the events from before; which services are upgraded first, because the old ones refuse it: decision 0022.
 */
const id = identifier;
const millis = z.int().nonnegative();

/** Why a session ended; travels to logs, audit and every consumer. */
export const END_REASONS = [
  'logout',
  'rp_logout',
  'admin',
  'idle_timeout',
  'max_lifetime',
  'user_switch',
  'password_changed',
  'subject_disabled',
  'subject_revoked',
  'session_limit',
  'risk',
  'restore',
] as const;
export const endReason = z.enum(END_REASONS);
export type EndReason = z.infer<typeof endReason>;

/** Who started it (CAEP `initiating_entity`). */
export const initiator = z.enum(['user', 'admin', 'policy', 'system']);
export type Initiator = z.infer<typeof initiator>;

/** Who, as every audit names them: a subject, `client:<client_id>`, or a name of ours (`policy`, `system`, `configuration`, `operator`). */
export const actorName = z.string().min(1).max(300);

export const GRANT_REVOKE_REASONS = [
  'client_revoked',
  'refresh_replay',
  'code_replay',
  'consent_revoked',
  'session_ended',
  'subject_changed',
  'admin',
] as const;
export const grantRevokeReason = z.enum(GRANT_REVOKE_REASONS);
export type GrantRevokeReason = z.infer<typeof grantRevokeReason>;

export const subjectChange = z.enum(['created', 'updated', 'disabled', 'enabled', 'revoked_all', 'password_changed', 'restored']);
export type SubjectChange = z.infer<typeof subjectChange>;

/**
 * Why what pins a lower generation ends: sessions with this reason, grants with it in their audit. A change that raises no generation is
 * not here and ends nothing. A re-enabled account starts anew: nothing from before it comes back.
 */
export const END_REASON_OF_CHANGE: Readonly<Partial<Record<SubjectChange, EndReason>>> = {
  disabled: 'subject_disabled',
  enabled: 'subject_revoked',
  revoked_all: 'subject_revoked',
  password_changed: 'password_changed',
  restored: 'restore',
};

export const EVENTS = {
  SessionStarted: {
    version: 1,
    source: 'session',
    key: 'sid',
    payload: z.strictObject({ sid: id, sub: id, auth_time: millis, remember: z.boolean() }),
  },
  SessionEnded: {
    version: 1,
    source: 'session',
    key: 'sid',
    /** `actor`: as the session service's audit names who ended it; absent: the initiator's kind is all that is known. */
    payload: z.strictObject({
      sid: id,
      sub: id,
      reason: endReason,
      initiated_by: initiator,
      ended_at: millis,
      end_id: id,
      actor: actorName.optional(),
    }),
  },
  GrantRevoked: {
    version: 1,
    source: 'token',
    key: 'gid',
    payload: z.strictObject({
      gid: id,
      sub: id.nullable(),
      client_id: id,
      sid: id.nullable(),
      reason: grantRevokeReason,
      actor: actorName.optional(),
    }),
  },
  TokenRevoked: {
    version: 1,
    source: 'token',
    key: 'jti',
    payload: z.strictObject({ jti: id, client_id: id, expires_at: millis }),
  },
  SubjectChanged: {
    version: 1,
    source: 'auth',
    key: 'sub',
    /**
     * `gen` is the generation after the change. `updated` (claims, roles) raises nothing. `keep_sid`: the session from which the user
     * changed the password, which stays. `initiated_by` and `actor` travel on to the ends of the sessions and grants; absent: `policy`, nobody.
     * `restored`: by `lanyard restore`, with nobody running.
     */
    payload: z.strictObject({
      sub: id,
      gen: generation,
      change: subjectChange,
      keep_sid: id.optional(),
      initiated_by: initiator.optional(),
      actor: actorName.optional(),
    }),
  },
  ClientChanged: {
    version: 1,
    source: 'auth',
    key: 'client_id',
    payload: z.strictObject({
      client_id: id,
      gen: generation,
      change: z.enum(['created', 'updated', 'disabled', 'enabled', 'revoked_all', 'restored']),
      actor: actorName.optional(),
    }),
  },
} as const satisfies Record<string, { version: number; source: SourceName; key: string; payload: z.ZodType }>;

export type EventName = keyof typeof EVENTS;
export type EventPayload<N extends EventName> = z.infer<(typeof EVENTS)[N]['payload']>;

/** An event as a group reader receives it. `event_id` is what a handler records to be idempotent. */
export interface ReceivedEvent<N extends EventName = EventName> {
  event_id: string;
  name: N;
  version: number;
  source: SourceName;
  key: string;
  payload: EventPayload<N>;
  recorded_at: number;
}
