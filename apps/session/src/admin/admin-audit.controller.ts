import { Controller } from '@nestjs/common';
import { AdminCaller, AdminInput, type AdminInputOf, AdminRoute, type CallingClient } from '#libs/admin-api';
import { auditRoute, readAudit } from '#libs/audit';
import { Database } from '#libs/database';

const listAudit = auditRoute('session', {
  targets: 'A session, a delivery, a dead letter.',
  actors: 'client:<client_id>, a subject, policy, system.',
});

@Controller()
export class AdminAuditController {
  constructor(private readonly db: Database) {}

  @AdminRoute(listAudit)
  list(@AdminInput() { query }: AdminInputOf<typeof listAudit>, @AdminCaller() caller: CallingClient) {
    return this.db.transaction((tx) => readAudit(tx, 'session', query, caller));
  }
}
