import { type DynamicModule, Module } from '@nestjs/common';
import { AdminApiModule } from '#libs/admin-api';
import { adminAuditOf } from '#libs/audit';
import type { AuthConfig } from '#libs/config';
import type { Database } from '#libs/database';
import { ClientSecrets } from '../clients/client-secrets.js';
import { RegisterClient } from '../clients/register-client.js';
import { RecordsModule } from '../records.module.js';
import { AdminAuditController } from './audit.controller.js';
import { AdminClientsController } from './clients.controller.js';
import { AdminConfigurationController } from './configuration.controller.js';
import { RecordPages } from './record-pages.js';
import { AdminUnreadEventsController } from './unread-events.controller.js';
import { AdminUserEndsController } from './user-ends.controller.js';
import { AdminUsersController } from './users.controller.js';

/** Also what the OpenAPI document is made of. */
export const ADMIN_CONTROLLERS = [
  AdminUsersController,
  AdminUserEndsController,
  AdminClientsController,
  AdminConfigurationController,
  AdminUnreadEventsController,
  AdminAuditController,
];

@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: Nest's name for a module with options
export class AdminModule {
  static forRoot({ publicUrls }: Pick<AuthConfig, 'publicUrls'>, db: Database): DynamicModule {
    return {
      module: AdminModule,
      imports: [
        RecordsModule,
        AdminApiModule.forRoot({ service: 'auth', controllers: ADMIN_CONTROLLERS, audit: adminAuditOf(db), publicUrls }),
      ],
      controllers: ADMIN_CONTROLLERS,
      providers: [RecordPages, RegisterClient, ClientSecrets],
    };
  }
}
