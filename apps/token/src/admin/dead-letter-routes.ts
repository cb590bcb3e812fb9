import { z } from 'zod';
import { adminRoute, closeBody, closeResponse, pageQuery, pageResponse, replayBody, replayResponse } from '#libs/admin-api';
import { sourceName } from '#libs/contracts';

const millis = z.int().nonnegative();

const letter = z.strictObject({
  id: z.int(),
  source: sourceName,
  partition: z.int(),
  position: z.int(),
  event_id: z.string().nullable(),
  name: z.string().nullable(),
  key: z.string().nullable(),
  reason: z.string(),
  error: z.string().nullable(),
  tries: z.int(),
  at: millis,
  replayed_at: millis.nullable(),
  closed_at: millis.nullable(),
  close_reason: z.string().nullable(),
});

export const listDeadLetters = adminRoute({
  method: 'GET',
  path: '/admin/token/dead-letters',
  scope: 'lanyard:grants:read',
  summary: 'Events of other services that this one gave up on, the latest first.',
  query: z.strictObject({ ...pageQuery, open: z.boolean().optional().describe('True: neither replayed nor closed.') }),
  response: pageResponse(letter),
});

export const replayDeadLetters = adminRoute({
  method: 'POST',
  path: '/admin/token/dead-letters/replay',
  scope: 'lanyard:grants:write',
  summary: 'Hands events to their handlers again, in the order of the log: those named, or page by page all that wait.',
  body: replayBody,
  response: replayResponse,
});

export const closeDeadLetters = adminRoute({
  method: 'POST',
  path: '/admin/token/dead-letters/close',
  scope: 'lanyard:grants:write',
  summary: 'Takes them off those that wait, for a reason: there is no event to hand over, or its work was done by hand.',
  body: closeBody,
  response: closeResponse,
});
