import { z } from 'zod';
import { identifier } from '#libs/contracts';
import { adminRoute } from './admin-route.js';
import { cursorNumber, cursorOf } from './cursor.js';
import { pageQuery, pageResponse } from './page.js';

const MAX_BATCH = 200;
const event = z.strictObject({
  reader: z.string().describe('The service that did not read it.'),
  partition: z.int(),
  position: z.int(),
  event_id: z.string(),
  name: z.string(),
  key: z.string(),
  created_at: z.int().describe('Milliseconds since the epoch.'),
  moved_at: z.int(),
});

/** /admin/<service>/unread-events of a service whose events others read, with its list's cursor. */
export function unreadEventRoutes(service: 'auth' | 'session', right: 'users' | 'sessions') {
  const path = `/admin/${service}/unread-events` as const;
  return {
    list: adminRoute({
      method: 'GET',
      path,
      scope: `lanyard:${right}:read`,
      summary: `Events of the ${service} service that retention moved away before their reader had read them, in the order of the log.`,
      query: z.strictObject(pageQuery),
      response: pageResponse(event),
    }),
    replay: adminRoute({
      method: 'POST',
      path: `${path}/replay`,
      scope: `lanyard:${right}:write`,
      summary: 'Puts them into the log again: those named, or the first of all.',
      body: z
        .strictObject({
          event_ids: z.array(identifier).min(1).max(MAX_BATCH).optional(),
          all: z.literal(true).optional(),
          limit: z.int().min(1).max(MAX_BATCH).default(MAX_BATCH),
        })
        .refine(({ event_ids, all }) => (event_ids === undefined) !== (all === undefined), 'event_ids, or all'),
      response: z.strictObject({ replayed: z.array(z.string()), remaining: z.boolean() }),
    }),
    cursor: cursorOf(`${service}/unread-events`, z.tuple([identifier, z.int().min(0).max(1_023), cursorNumber])),
  };
}
