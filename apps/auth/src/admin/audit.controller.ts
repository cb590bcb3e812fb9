import { Controller } from '@nestjs/common';
import { z } from 'zod';
import {
  AdminCaller,
  AdminInput,
  type AdminInputOf,
  AdminRoute,
  adminRoute,
  type CallingClient,
  cursorOf,
  pageOf,
  pageQuery,
  pageResponse,
} from '#libs/admin-api';
import { Database } from '#libs/database';
import { recordAudit } from '../audit/record-audit.js';
import { auditAnswer, name } from './answers.js';

export const auditRoute = adminRoute({
  method: 'GET',
  path: '/admin/auth/audit',
  scope: 'lanyard:audit:read',
  summary: 'What auth has audited, the latest first.',
  query: z.strictObject({
    ...pageQuery,
    target: name.optional().describe('A subject, a client, a consent.'),
    actor: name.optional().describe('client:<client_id>, a subject, configuration.'),
    action: name.optional(),
  }),
  response: pageResponse(auditAnswer),
});

const byId = cursorOf(z.tuple([z.int()]));

/** Who reads the audit is in it. */
@Controller()
export class AdminAuditController {
  constructor(private readonly db: Database) {}

  @AdminRoute(auditRoute)
  async list(@AdminInput() { query }: AdminInputOf<typeof auditRoute>, @AdminCaller() caller: CallingClient) {
    const { limit, cursor, target = null, actor = null, action = null } = query;
    const { rows } = await this.db.query<z.output<typeof auditAnswer>>(
      `SELECT id, lanyard.ms(at) AS at, actor, action, target, reason, request_id, details FROM audit
       WHERE ($2::bigint IS NULL OR id < $2) AND ($3::text IS NULL OR target = $3) AND ($4::text IS NULL OR actor = $4)
         AND ($5::text IS NULL OR action = $5) ORDER BY id DESC LIMIT $1`,
      [limit + 1, byId.decode(cursor)?.[0] ?? null, target, actor, action],
    );
    const page = pageOf(rows, limit, { item: (row) => row, cursor: (row) => byId.encode([row.id]) });
    const details = { target, actor, count: page.items.length };
    await recordAudit(this.db, [{ actor: caller.actor, action: 'audit.read', target: 'audit', reason: null, details }]);
    return page;
  }
}
