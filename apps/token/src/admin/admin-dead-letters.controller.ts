import { Controller } from '@nestjs/common';
import { z } from 'zod';
import {
  AdminCaller,
  AdminInput,
  type AdminInputOf,
  AdminRoute,
  type CallingClient,
  cursorNumber,
  cursorOf,
  pageOf,
} from '#libs/admin-api';
import { Database, type Tx } from '#libs/database';
import { type DeadLetter, DeadLetters } from '#libs/event-log';
import { recordAudit } from '../audit/record-audit.js';
import { closeDeadLetters, listDeadLetters, replayDeadLetters } from './dead-letter-routes.js';

const cursor = cursorOf('token/dead-letters', z.tuple([cursorNumber]));

/** Events that this service could not handle. A failed handler is answered, not thrown: the operator asked to try. */
@Controller()
export class AdminDeadLettersController {
  constructor(
    private readonly db: Database,
    private readonly letters: DeadLetters,
  ) {}

  @AdminRoute(listDeadLetters)
  list(@AdminInput() { query }: AdminInputOf<typeof listDeadLetters>, @AdminCaller() { actor }: CallingClient) {
    const before = cursor.decode(query.cursor)?.[0] ?? null;
    return this.db.transaction(async (tx) => {
      const rows = await this.letters.list({ before, limit: query.limit + 1, open: query.open }, tx);
      const page = pageOf(rows, query.limit, { item: (row) => row, cursor: ({ id }) => cursor.encode([id]) });
      await recordAudit(tx, [{ actor, action: 'dead_letter.listed', target: '*', reason: null, details: { count: page.items.length } }]);
      return page;
    });
  }

  @AdminRoute(replayDeadLetters)
  async replay(@AdminInput() { body }: AdminInputOf<typeof replayDeadLetters>, @AdminCaller() { actor }: CallingClient) {
    const record = (tx: Tx, { id, name, key }: DeadLetter) =>
      recordAudit(tx, [{ actor, action: 'dead_letter.replayed', target: String(id), reason: 'admin', details: { name, key } }]);
    const { results, after } = body.ids
      ? { results: await this.letters.replay(body.ids, record), after: null }
      : await this.letters.replayAll(body.after ?? 0, record);
    const failed = results.filter(({ replayed }) => !replayed).map(({ id }) => String(id));
    const action = 'dead_letter.replay_failed';
    await recordAudit(
      this.db,
      failed.map((target) => ({ actor, action, target, reason: 'admin', details: {} }) as const),
    );
    return after === null ? { results } : { results, after };
  }

  @AdminRoute(closeDeadLetters)
  async close(@AdminInput() { body: { ids, reason } }: AdminInputOf<typeof closeDeadLetters>, @AdminCaller() { actor }: CallingClient) {
    const results = await this.letters.close(ids, reason, (tx, { id, name, key }) =>
      recordAudit(tx, [{ actor, action: 'dead_letter.closed', target: String(id), reason, details: { name, key } }]),
    );
    return { results };
  }
}
