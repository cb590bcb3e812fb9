import type { DynamicModule } from '@nestjs/common';
import { AdminApiModule } from '#libs/admin-api';
import { adminAuditOf } from '#libs/audit';
import type { TokenConfig } from '#libs/config';
import type { Database } from '#libs/database';
import { KeyService } from '../keys/key-service.js';
import { ADMIN_CONTROLLERS } from './admin-controllers.js';

/** Tokens are read by this service's own keys; nobody else need be asked. */
export function adminHost({ publicUrls }: Pick<TokenConfig, 'publicUrls'>, db: Database): DynamicModule {
  const reader = { inject: [KeyService], useFactory: (keys: KeyService) => keys.accessTokens };
  return AdminApiModule.forRoot({ service: 'token', controllers: ADMIN_CONTROLLERS, audit: adminAuditOf(db), publicUrls, reader });
}
