import type { DynamicModule } from '@nestjs/common';
import { AdminApiModule } from '#libs/admin-api';
import type { TokenConfig } from '#libs/config';
import { KeyService } from '../keys/key-service.js';
import { ADMIN_CONTROLLERS } from './admin-controllers.js';

/** Tokens are read by this service's own keys; nobody else need be asked. */
export function adminHost({ publicUrls }: Pick<TokenConfig, 'publicUrls'>): DynamicModule {
  const reader = { inject: [KeyService], useFactory: (keys: KeyService) => keys.accessTokens };
  return AdminApiModule.forRoot({ service: 'token', controllers: ADMIN_CONTROLLERS, publicUrls, reader });
}
