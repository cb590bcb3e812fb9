import type { DynamicModule } from '@nestjs/common';
import { AdminApiModule } from '#libs/admin-api';
import { adminAuditOf } from '#libs/audit';
import type { SessionConfig } from '#libs/config';
import type { Database } from '#libs/database';
import { RevocationHostModule } from '#libs/revocation-host';
import { ADMIN_CONTROLLERS } from './admin-controllers.js';

/**
 * What the admin API stands on here: the form of every service's admin API, and a revocation view, so that an operator's token that was revoked is
 * refused as fast as any other (docs/decisions/0013). Nothing else of this service asks the view.
 */
export function adminHost({ settings, logDatabaseUrl, kafka, publicUrls }: SessionConfig, db: Database): DynamicModule[] {
  return [
    RevocationHostModule.forRoot({ settings, logDatabaseUrl, kafka, partOfReadiness: false }),
    AdminApiModule.forRoot({ service: 'session', controllers: ADMIN_CONTROLLERS, audit: adminAuditOf(db), publicUrls }),
  ];
}
