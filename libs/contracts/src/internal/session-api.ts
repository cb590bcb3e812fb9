import { z } from 'zod';
import { actorName, endReason, initiator, subjectChange } from '../events.js';
import { generation, identifier, partitionNumber } from '../identifier.js';
import { internalEndpoint } from '../internal-endpoint.js';
import { serviceName, streamName } from '../service-names.js';

const id = identifier;
const millis = z.int().nonnegative();

/** A session as others see it. Times: ms since the epoch, database clock. `db_time` is the clock reading they count from. */
export const sessionView = z.strictObject({
  sid: id,
  sub: id,
  subject_gen: generation,
  auth_time: millis,
  amr: z.array(z.string()),
  acr: z.string().nullable(),
  remember: z.boolean(),
  started_at: millis,
  last_seen_at: millis,
  idle_deadline: millis,
  absolute_deadline: millis,
  ip: z.string().nullable(),
  user_agent: z.string().nullable(),
});
export type SessionView = z.infer<typeof sessionView>;

const alive = z.strictObject({ alive: z.literal(true), session: sessionView, touch_due: z.boolean(), db_time: millis });
const dead = z.strictObject({ alive: z.literal(false), db_time: millis });
export const sessionTruth = z.discriminatedUnion('alive', [alive, dead]);
export type SessionTruth = z.infer<typeof sessionTruth>;

export const sessionApi = {
  /**
   * A successful login. `cookie` is the browser's present session cookie, if any: same subject → the sid stays, with a new
   * cookie and auth_time; another subject → that session ends (`user_switch`) in the same transaction and a new one starts.
   */
  start: internalEndpoint({
    callee: 'session',
    path: '/internal/sessions/start',
    callers: ['auth'],
    request: z.strictObject({
      sub: id,
      subject_gen: generation,
      remember: z.boolean(),
      amr: z.array(z.string()),
      acr: z.string().nullable(),
      cookie: z.string().max(512).nullable(),
      ip: z.string().nullable(),
      user_agent: z.string().max(512).nullable(),
    }),
    /** `cookie` is the only time the secret leaves; its HMAC alone is stored. `cookie_max_age` in seconds, null = browser session. */
    response: z.strictObject({
      session: sessionView,
      cookie: z.string(),
      cookie_max_age: z.int().nullable(),
      ended_sid: id.nullable(),
      db_time: millis,
    }),
  }),
  /** Truth by the browser's cookie (auth: authorize, logout, account). Never touches. */
  byCookie: internalEndpoint({
    callee: 'session',
    path: '/internal/sessions/by-cookie',
    callers: ['auth'],
    request: z.strictObject({ cookie: z.string().max(512) }),
    response: sessionTruth,
    idempotent: true,
    timeoutMs: 500,
  }),
  /**
   * Truth by sid, read on the primary. With `participant`, the client is recorded under FOR SHARE of the active row in the
   * same transaction, so it is either among the end's deliveries or refused. Unknown sid: dead.
   */
  truth: internalEndpoint({
    callee: 'session',
    path: '/internal/sessions/truth',
    callers: ['auth', 'token'],
    request: z.strictObject({ sid: id, participant: id.nullable().default(null) }),
    response: sessionTruth,
    idempotent: true,
    timeoutMs: 500,
  }),
  /** Activity: moves the idle deadline if due; the answer is truth after it. */
  touch: internalEndpoint({
    callee: 'session',
    path: '/internal/sessions/touch',
    callers: ['auth', 'token'],
    request: z.strictObject({ sid: id }),
    response: sessionTruth,
    idempotent: true,
    timeoutMs: 500,
  }),
  /** Ends one session. `ended: false` = it was not active (already ended or unknown). `confirmed`: every registered view has the entry. */
  end: internalEndpoint({
    callee: 'session',
    path: '/internal/sessions/end',
    callers: ['auth', 'token'],
    request: z.strictObject({ sid: id, reason: endReason, initiated_by: initiator, actor: actorName.nullable().default(null) }),
    response: z.strictObject({ ended: z.boolean(), ended_at: millis.nullable(), end_id: id.nullable(), confirmed: z.boolean() }),
    idempotent: true,
  }),
  /** Ends all active sessions of a subject, but `except_sid`. */
  endAll: internalEndpoint({
    callee: 'session',
    path: '/internal/sessions/end-all',
    callers: ['auth'],
    request: z.strictObject({
      sub: id,
      except_sid: id.nullable().default(null),
      reason: endReason,
      initiated_by: initiator,
      actor: actorName.nullable().default(null),
    }),
    response: z.strictObject({ sids: z.array(id), confirmed: z.boolean() }),
    idempotent: true,
  }),
  /**
   * What SubjectChanged will say anyway, said at once, so that whoever changed the subject can be told that it is true: ends the sessions that
   * pin a lower generation. Before, after or without the event: the same. Answered after the commit; that the views refuse what hangs from
   * these sessions is the subject's own entry, which auth hands out.
   */
  endOutdated: internalEndpoint({
    callee: 'session',
    path: '/internal/sessions/end-outdated',
    callers: ['auth'],
    request: z.strictObject({
      sub: id,
      gen: generation,
      change: subjectChange,
      keep_sid: id.optional(),
      initiated_by: initiator.optional(),
      actor: actorName.optional(),
    }),
    response: z.strictObject({ ended: z.int() }),
    idempotent: true,
  }),
  list: internalEndpoint({
    callee: 'session',
    path: '/internal/sessions/list',
    callers: ['auth'],
    request: z.strictObject({ sub: id, limit: z.int().min(1).max(200).default(50) }),
    response: z.strictObject({ sessions: z.array(sessionView) }),
    idempotent: true,
  }),
  /**
   * Sessions of a subject that have ended and are still on record (longest lifetime + 7 days), the latest end first: the account's activity.
   * `before` is the last one of the page before.
   */
  ended: internalEndpoint({
    callee: 'session',
    path: '/internal/sessions/ended',
    callers: ['auth'],
    request: z.strictObject({
      sub: id,
      before: z.strictObject({ ended_at: millis, sid: id }).nullable().default(null),
      limit: z.int().min(1).max(200).default(50),
    }),
    response: z.strictObject({
      sessions: z.array(
        z.strictObject({
          sid: id,
          started_at: millis,
          ended_at: millis,
          reason: endReason,
          ip: z.string().nullable(),
          user_agent: z.string().nullable(),
        }),
      ),
    }),
    idempotent: true,
  }),
  /** The registry of views: written before a view's bootstrap reads, renewed within its 2 s lease. `address`: internal base URL. */
  registerView: internalEndpoint({
    callee: 'session',
    path: '/internal/views/register',
    callers: ['auth', 'token', 'introspect', 'session'],
    request: z.strictObject({ view_id: id, address: z.url(), service: serviceName }),
    response: z.strictObject({ lease_ms: z.int() }),
    idempotent: true,
    beforeReady: true,
  }),
  unregisterView: internalEndpoint({
    callee: 'session',
    path: '/internal/views/unregister',
    callers: ['auth', 'token', 'introspect', 'session'],
    request: z.strictObject({ view_id: id }),
    response: z.strictObject({}),
    idempotent: true,
    beforeReady: true,
  }),
  /** Read after the commit by whoever revokes elsewhere, to post hints. `lapsed`: the lease ran out but the process may still answer. */
  listViews: internalEndpoint({
    callee: 'session',
    path: '/internal/views/list',
    callers: ['auth', 'token'],
    request: z.strictObject({}),
    response: z.strictObject({ views: z.array(z.strictObject({ view_id: id, address: z.url(), lapsed: z.boolean() })) }),
    idempotent: true,
    timeoutMs: 500,
    beforeReady: true,
  }),
  logPassed: logPassed('session', ['token']),
};

/** A group reader reports the number it has handled, every second (RELIABILITY §9). Each source serves this. */
export function logPassed<const C extends 'auth' | 'session' | 'token'>(
  callee: C,
  callers: readonly ('auth' | 'session' | 'token' | 'introspect')[],
) {
  return internalEndpoint({
    callee,
    path: '/internal/log/passed',
    callers,
    request: z.strictObject({ reader: serviceName, stream: streamName, partition: partitionNumber, position: z.int().nonnegative() }),
    response: z.strictObject({}),
    idempotent: true,
    beforeReady: true,
  });
}
