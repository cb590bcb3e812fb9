import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { adminRoute, pageQuery, pageResponse } from '#libs/admin-api';
import { identifier } from '#libs/contracts';
import { DELIVERY_STATES } from '../backchannel/delivery.entity.js';

const id = identifier;
const millis = z.int().nonnegative();

export const sessionState = z.enum(['active', 'ended']);

const summary = {
  sid: id,
  sub: id,
  state: sessionState,
  started_at: millis,
  auth_time: millis,
  last_seen_at: millis,
  idle_deadline: millis,
  absolute_deadline: millis,
  ended_at: millis.nullable(),
  end_reason: z.string().nullable(),
  end_id: z.string().nullable(),
  remember: z.boolean(),
  amr: z.array(z.string()),
  acr: z.string().nullable(),
  ip: z.string().nullable(),
  user_agent: z.string().nullable(),
};

const listed = z.strictObject({ ...summary, clients: z.array(id).describe('That take part now, or did when it ended.') });
export type ListedSession = z.infer<typeof listed>;

const attempt = z.strictObject({
  jti: z.string(),
  at: millis,
  outcome: z.string(),
  http_status: z.int().nullable(),
  reason: z.string().nullable(),
  took_ms: z.int(),
});

export const deliveryView = {
  delivery_id: z.int(),
  sid: id,
  sub: id,
  client_id: id,
  cause: z.enum(['session_ended', 'client_ended']),
  state: z.enum(DELIVERY_STATES),
  attempts: z.int(),
  created_at: millis,
  due_at: millis,
  give_up_at: millis,
  finished_at: millis.nullable(),
  reason: z.string().nullable(),
};

const participant = z.strictObject({ client_id: id, joined_at: millis, left_at: millis.nullable(), round: z.int() });
const delivery = z.strictObject({ ...deliveryView, tries: z.array(attempt) });
const whole = z.strictObject({ ...summary, participants: z.array(participant), deliveries: z.array(delivery) });
export type WholeSession = z.infer<typeof whole>;

const confirmed = z
  .boolean()
  .describe('True: every process that holds a revocation view has it. False: it holds within the freshness bound.');

/** In the form in which addresses are kept: an IPv4 one that came mapped into IPv6 is that IPv4 one. */
const address = z
  .string()
  .max(64)
  .refine((text) => isIP(text) !== 0, 'expected an IP address')
  .transform((text) => ipaddr.process(text).toString());

export const listSessions = adminRoute({
  method: 'GET',
  path: '/admin/sessions',
  scope: 'lanyard:sessions:read',
  summary: 'Sessions, the youngest first.',
  query: z.strictObject({
    ...pageQuery,
    sub: id.optional(),
    client_id: id.optional().describe('A client that takes part, or did when the session ended.'),
    ip: address.optional(),
    state: sessionState.optional(),
    started_before: millis.optional(),
    started_after: millis.optional(),
  }),
  response: pageResponse(listed),
});

export const readSession = adminRoute({
  method: 'GET',
  path: '/admin/sessions/{sid}',
  scope: 'lanyard:sessions:read',
  summary: 'One session with its clients, the logout tokens they are owed, and every attempt at those.',
  params: z.strictObject({ sid: id }),
  response: whole,
});

export const endSession = adminRoute({
  method: 'POST',
  path: '/admin/sessions/{sid}/end',
  scope: 'lanyard:sessions:write',
  summary: 'Ends one session. `ended` false: it had ended before.',
  params: z.strictObject({ sid: id }),
  response: z.strictObject({ ended: z.boolean(), ended_at: millis.nullable(), end_id: id.nullable(), confirmed }),
});

/** How many one call ends at most: a transaction that an operator waits for, not one that holds a million rows. */
export const MAX_BATCH = 1_000;
const batch = z.int().min(1).max(MAX_BATCH).default(200).describe('How many at most; repeat while `remaining`.');

export const endMany = adminRoute({
  method: 'POST',
  path: '/admin/sessions/end',
  scope: 'lanyard:sessions:write',
  summary: 'Ends a batch of sessions: those named, those of a user, those a client takes part in, or all.',
  body: z
    .strictObject({
      sids: z.array(id).min(1).max(MAX_BATCH).optional(),
      sub: id.optional(),
      client_id: id.optional(),
      all: z.literal(true).optional(),
      reason: z.enum(['admin', 'risk', 'restore']).default('admin'),
      limit: batch,
    })
    .refine(
      ({ sids, sub, client_id, all }) => [sids, sub, client_id, all].filter((selector) => selector !== undefined).length === 1,
      'exactly one of sids, sub, client_id and all',
    ),
  response: z.strictObject({
    ended: z.array(z.strictObject({ sid: id, sub: id, end_id: id, ended_at: millis })),
    remaining: z.boolean(),
    confirmed,
  }),
});

export const endClient = adminRoute({
  method: 'POST',
  path: '/admin/sessions/{sid}/participants/{client_id}/end',
  scope: 'lanyard:sessions:write',
  summary: 'Cuts one client out of a session that goes on: its tokens die, it is sent a logout token. A new sign-in brings it back.',
  params: z.strictObject({ sid: id, client_id: id }),
  response: z.strictObject({
    ended: z.boolean(),
    revoked: z.int().nullable().describe('Grants; null: the token service was away, they are revoked before the logout token is sent.'),
    confirmed,
  }),
});
