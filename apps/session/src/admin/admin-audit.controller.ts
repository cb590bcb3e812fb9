import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { AdminCaller, AdminInput, type AdminInputOf, AdminRoute, type CallingClient, cursorOf, pageOf } from '#libs/admin-api';
import { Database } from '#libs/database';
import { recordAudit } from '../audit/record-audit.js';
import { type AuditedAct, listAudit } from './audit-routes.js';

const cursor = cursorOf(z.tuple([z.int().positive()]));

/** Who reads the audit is in it. */
@Controller()
export class AdminAuditController {
  constructor(private readonly db: Database) {}

  @AdminRoute(listAudit)
  list(@AdminInput() { query }: AdminInputOf<typeof listAudit>, @AdminCaller() caller: CallingClient) {
    const { limit, target = null, actor = null, action = null } = query;
    const before = cursor.decode(query.cursor)?.[0] ?? null;
    return this.db.transaction(async (tx) => {
      const { rows } = await tx.query<AuditedAct>(
        `SELECT id, lanyard.ms(at) AS at, actor, action, target, reason, request_id, details FROM audit
         WHERE ($2::bigint IS NULL OR id < $2) AND ($3::text IS NULL OR target = $3) AND ($4::text IS NULL OR actor = $4)
           AND ($5::text IS NULL OR action = $5) ORDER BY id DESC LIMIT $1`,
        [limit + 1, before, target, actor, action],
      );
      const page = pageOf(rows, limit, { item: (row) => row, cursor: ({ id }) => cursor.encode([id]) });
      const details = { target, actor, count: page.items.length };
      await recordAudit(tx, [{ actor: caller.actor, action: 'audit.read', target: 'audit', reason: null, details }]);
      return page;
    });
  }
}
