import { AuditEntity } from '#libs/audit';
import { type Database, openDatabase } from '#libs/database';
import { AttemptEntity } from './backchannel/attempt.entity.js';
import { DeliveryEntity } from './backchannel/delivery.entity.js';
import { AdminLists1700000000004 } from './migrations/admin-lists-1700000000004.migration.js';
import { AuditByActor1700000000005 } from './migrations/audit-by-actor-1700000000005.migration.js';
import { AuditIsNeverEmptied1700000000006 } from './migrations/audit-is-never-emptied-1700000000006.migration.js';
import { ClosedLetters1700000000008 } from './migrations/closed-letters-1700000000008.migration.js';
import { Deliveries1700000000001 } from './migrations/deliveries-1700000000001.migration.js';
import { Lineage1700000000007 } from './migrations/lineage-1700000000007.migration.js';
import { Outbox1700000000003 } from './migrations/outbox-1700000000003.migration.js';
import { Sessions1700000000000 } from './migrations/sessions-1700000000000.migration.js';
import { ViewsAndAudit1700000000002 } from './migrations/views-and-audit-1700000000002.migration.js';
import { ParticipantEntity } from './sessions/participant.entity.js';
import { SessionEntity } from './sessions/session.entity.js';
import { SubjectGenerationEntity } from './sessions/subject-generation.entity.js';
import { ViewEntity } from './views/view.entity.js';

/** The schema `session`, brought up to date. */
export function openSessionDatabase(url: string, instanceId: string): Promise<Database> {
  return openDatabase({
    url,
    schema: 'session',
    applicationName: `lanyard session ${instanceId}`,
    poolSize: 16,
    entities: [SessionEntity, ParticipantEntity, SubjectGenerationEntity, DeliveryEntity, AttemptEntity, ViewEntity, AuditEntity],
    migrations: [
      Sessions1700000000000,
      Deliveries1700000000001,
      ViewsAndAudit1700000000002,
      Outbox1700000000003,
      AdminLists1700000000004,
      AuditByActor1700000000005,
      AuditIsNeverEmptied1700000000006,
      Lineage1700000000007,
      ClosedLetters1700000000008,
    ],
  });
}
