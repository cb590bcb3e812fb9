import { z } from 'zod';
import { adminRoute, closeBody, closeResponse, pageQuery, pageResponse, replayBody, replayResponse } from '#libs/admin-api';
import { identifier } from '#libs/contracts';
import { DELIVERY_STATES } from '../backchannel/delivery.entity.js';
import { deliveryView, MAX_BATCH } from './session-routes.js';

const id = identifier;
const number = z.string().regex(/^[1-9]\d{0,14}$/, 'expected a number');
const listed = z.strictObject(deliveryView);
export type ListedDelivery = z.infer<typeof listed>;

export const listDeliveries = adminRoute({
  method: 'GET',
  path: '/admin/deliveries',
  scope: 'lanyard:sessions:read',
  summary: 'Logout tokens owed, the latest first. State `dead`: those that nobody will try again unless told to.',
  query: z.strictObject({ ...pageQuery, state: z.enum(DELIVERY_STATES).optional(), client_id: id.optional(), sid: id.optional() }),
  response: pageResponse(listed),
});

export const replayDelivery = adminRoute({
  method: 'POST',
  path: '/admin/deliveries/{delivery_id}/replay',
  scope: 'lanyard:sessions:write',
  summary: 'Makes a dead logout delivery due again, for another day.',
  params: z.strictObject({ delivery_id: number }),
  response: z.strictObject({ delivery_id: z.int(), state: z.literal('pending') }),
});

export const replayDeliveries = adminRoute({
  method: 'POST',
  path: '/admin/deliveries/replay',
  scope: 'lanyard:sessions:write',
  summary: 'The same for a batch: those named, those of a client, or all that are dead.',
  body: z
    .strictObject({
      delivery_ids: z.array(z.int().positive()).min(1).max(MAX_BATCH).optional(),
      client_id: id.optional(),
      all: z.literal(true).optional(),
      limit: z.int().min(1).max(MAX_BATCH).default(200),
    })
    .refine(
      ({ delivery_ids, client_id, all }) => [delivery_ids, client_id, all].filter((selector) => selector !== undefined).length === 1,
      'exactly one of delivery_ids, client_id and all',
    ),
  response: z.strictObject({ replayed: z.array(z.int()), remaining: z.boolean() }),
});

const letter = z.strictObject({
  id: z.int(),
  source: z.string(),
  partition: z.int(),
  position: z.int(),
  event_id: z.string().nullable(),
  name: z.string().nullable(),
  key: z.string().nullable(),
  reason: z.string(),
  error: z.string().nullable(),
  tries: z.int(),
  at: z.int(),
  replayed_at: z.int().nullable(),
  closed_at: z.int().nullable(),
  close_reason: z.string().nullable(),
});

export const listDeadLetters = adminRoute({
  method: 'GET',
  path: '/admin/sessions/dead-letters',
  scope: 'lanyard:sessions:read',
  summary: 'Events of other services that this one gave up on, the latest first.',
  query: z.strictObject({ ...pageQuery, open: z.boolean().optional().describe('True: neither replayed nor closed.') }),
  response: pageResponse(letter),
});

export const replayDeadLetters = adminRoute({
  method: 'POST',
  path: '/admin/sessions/dead-letters/replay',
  scope: 'lanyard:sessions:write',
  summary: 'Hands events to their handlers again, in the order of the log: those named, or page by page all that wait.',
  body: replayBody,
  response: replayResponse,
});

export const closeDeadLetters = adminRoute({
  method: 'POST',
  path: '/admin/sessions/dead-letters/close',
  scope: 'lanyard:sessions:write',
  summary: 'Takes them off those that wait, for a reason: there is no event to hand over, or its work was done by hand.',
  body: closeBody,
  response: closeResponse,
});
