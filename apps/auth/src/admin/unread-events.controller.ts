import { Controller } from '@nestjs/common';
import { AdminCaller, AdminInput, type AdminInputOf, AdminRoute, type CallingClient, pageOf, unreadEventRoutes } from '#libs/admin-api';
import { Database } from '#libs/database';
import { UnreadEvents } from '#libs/event-log';
import { recordAudit } from '../audit/record-audit.js';

const { list: listUnread, replay: replayUnread, cursor } = unreadEventRoutes('auth', 'users');
const unread = new UnreadEvents('auth');

/** Events of this service that retention moved away unread: shown, and put into the log again. */
@Controller()
export class AdminUnreadEventsController {
  constructor(private readonly db: Database) {}

  @AdminRoute(listUnread)
  list(@AdminInput() { query }: AdminInputOf<typeof listUnread>, @AdminCaller() { actor }: CallingClient) {
    const after = cursor.decode(query.cursor);
    return this.db.transaction(async (tx) => {
      const rows = await unread.list(tx, { after, limit: query.limit + 1 });
      const cursorAt = ({ reader, partition, position }: (typeof rows)[number]) => cursor.encode([reader, partition, position]);
      const page = pageOf(rows, query.limit, { item: (row) => row, cursor: cursorAt });
      await recordAudit(tx, [{ actor, action: 'unread_event.listed', target: '*', reason: null, details: { count: page.items.length } }]);
      return page;
    });
  }

  @AdminRoute(replayUnread)
  replay(@AdminInput() { body }: AdminInputOf<typeof replayUnread>, @AdminCaller() { actor }: CallingClient) {
    const choice = body.event_ids ? { eventIds: body.event_ids } : { limit: body.limit };
    return this.db.transaction(async (tx) => {
      const { replayed, remaining } = await unread.replay(tx, choice);
      const acts = replayed.map(({ event_id, name, key }) => {
        return { actor, action: 'unread_event.replayed', target: event_id, reason: 'admin', details: { name, key } } as const;
      });
      await recordAudit(tx, acts);
      return { replayed: replayed.map(({ event_id }) => event_id), remaining };
    });
  }
}
