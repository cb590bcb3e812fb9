import { AuditEntity } from '#libs/audit';
import { type Database, openDatabase } from '#libs/database';
import { CodeEntity } from './codes/code.entity.js';
import { WithdrawnConsentEntity } from './codes/withdrawn-consent.entity.js';
import { GrantEntity } from './grants/grant.entity.js';
import { SubjectGenerationEntity } from './grants/subject-generation.entity.js';
import { KEY_ENTITIES, KEY_MIGRATIONS } from './keys/keys.module.js';
import { AdminLists1764000000006 } from './migrations/admin-lists-1764000000006.migration.js';
import { Audit1764000000002 } from './migrations/audit-1764000000002.migration.js';
import { AuditByActor1764000000008 } from './migrations/audit-by-actor-1764000000008.migration.js';
import { AuditIsNeverEmptied1764000000009 } from './migrations/audit-is-never-emptied-1764000000009.migration.js';
import { ClosedLetters1764000000012 } from './migrations/closed-letters-1764000000012.migration.js';
import { EventLog1764000000003 } from './migrations/event-log-1764000000003.migration.js';
import { GrantLists1764000000010 } from './migrations/grant-lists-1764000000010.migration.js';
import { Grants1764000000001 } from './migrations/grants-1764000000001.migration.js';
import { Lineage1764000000011 } from './migrations/lineage-1764000000011.migration.js';
import { WithdrawnConsents1764000000004 } from './migrations/withdrawn-consents-1764000000004.migration.js';

/** The schema `token`, brought up to date. */
export function openTokenDatabase(url: string, instanceId: string): Promise<Database> {
  return openDatabase({
    url,
    schema: 'token',
    applicationName: `lanyard token ${instanceId}`,
    poolSize: 16,
    entities: [...KEY_ENTITIES, GrantEntity, SubjectGenerationEntity, CodeEntity, WithdrawnConsentEntity, AuditEntity],
    migrations: [
      ...KEY_MIGRATIONS,
      Grants1764000000001,
      Audit1764000000002,
      EventLog1764000000003,
      WithdrawnConsents1764000000004,
      AdminLists1764000000006,
      AuditByActor1764000000008,
      AuditIsNeverEmptied1764000000009,
      GrantLists1764000000010,
      Lineage1764000000011,
      ClosedLetters1764000000012,
    ],
  });
}
