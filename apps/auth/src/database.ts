import { AuditEntity } from '#libs/audit';
import { type Database, openDatabase } from '#libs/database';
import { ApiEntity } from './clients/api.entity.js';
import { ClientEntity } from './clients/client.entity.js';
import { ScopeEntity } from './clients/scope.entity.js';
import { ConsentEntity } from './consents/consent.entity.js';
import { Admin1700000000003 } from './migrations/admin-1700000000003.migration.js';
import { Audit1700000000001 } from './migrations/audit-1700000000001.migration.js';
import { AuditIsNeverEmptied1700000000004 } from './migrations/audit-is-never-emptied-1700000000004.migration.js';
import { Lineage1700000000005 } from './migrations/lineage-1700000000005.migration.js';
import { Outbox1700000000002 } from './migrations/outbox-1700000000002.migration.js';
import { Records1700000000000 } from './migrations/records-1700000000000.migration.js';
import { UserEntity } from './users/user.entity.js';

/** The schema `auth`, brought up to date. */
export function openAuthDatabase(url: string, instanceId: string): Promise<Database> {
  return openDatabase({
    url,
    schema: 'auth',
    applicationName: `lanyard auth ${instanceId}`,
    poolSize: 16,
    entities: [UserEntity, ClientEntity, ApiEntity, ScopeEntity, ConsentEntity, AuditEntity],
    migrations: [
      Records1700000000000,
      Audit1700000000001,
      Outbox1700000000002,
      Admin1700000000003,
      AuditIsNeverEmptied1700000000004,
      Lineage1700000000005,
    ],
  });
}
