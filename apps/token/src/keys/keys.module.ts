import { type DynamicModule, Module } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import type { TokenConfig } from '#libs/config';
import type { Database } from '#libs/database';
import { Readiness } from '#libs/http';
import { Kek } from '#libs/keys';
import { InternalKeysController } from './internal-keys.controller.js';
import { JwksController } from './jwks.controller.js';
import { KeyEntity } from './key.entity.js';
import { KeyLineEntity } from './key-line.entity.js';
import { KeyRevocation1764000000005 } from './key-revocation.migration.js';
import { KeyService } from './key-service.js';
import { Keys1764000000000 } from './keys.migration.js';
import { rotationPolicies } from './rotation-policy.js';

/** What the app's module takes from this folder. `KeyService.start()` comes after the migrations and before listening. */
export const KEY_ENTITIES = [KeyLineEntity, KeyEntity];
export const KEY_MIGRATIONS = [Keys1764000000000, KeyRevocation1764000000005];
export const KEY_CONTROLLERS = [JwksController, InternalKeysController];

@Module({})
class KeysModule {}

/** Global: the admin API's guard reads tokens by these keys, too. */
export function keysModule(
  config: Pick<TokenConfig, 'kek' | 'sealingKek' | 'issuer' | 'settings'>,
  db: Database,
  checkpoints: Checkpoints,
): DynamicModule {
  const useFactory = (readiness: Readiness) =>
    new KeyService(db, {
      issuer: config.issuer,
      kek: Kek.local(config.kek, 'LANYARD_KEK'),
      sealingKek: Kek.local(config.sealingKek, 'LANYARD_SEALING_KEK'),
      policies: rotationPolicies(config.settings),
      readiness,
      checkpoints,
    });
  return {
    module: KeysModule,
    global: true,
    providers: [{ provide: KeyService, useFactory, inject: [Readiness] }],
    exports: [KeyService],
  };
}
