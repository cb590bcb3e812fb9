import { Controller } from '@nestjs/common';
import { AdminCaller, AdminInput, type AdminInputOf, AdminRoute, type CallingClient } from '#libs/admin-api';
import { auditRoute, readAudit } from '#libs/audit';
import { Database } from '#libs/database';

const listAudit = auditRoute('auth', {
  targets: 'A subject, a client, a consent.',
  actors: 'client:<client_id>, a subject, configuration.',
});

@Controller()
export class AdminAuditController {
  constructor(private readonly db: Database) {}

  @AdminRoute(listAudit)
  list(@AdminInput() { query }: AdminInputOf<typeof listAudit>, @AdminCaller() caller: CallingClient) {
    return this.db.transaction((tx) => readAudit(tx, 'auth', query, caller));
  }
}
