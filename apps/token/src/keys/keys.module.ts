import type { Provider } from '@nestjs/common';
import type { TokenConfig } from '#libs/config';
import { Database } from '#libs/database';
import { Readiness } from '#libs/http';
import { Kek } from '#libs/keys';
import { InternalKeysController } from './internal-keys.controller.js';
import { JwksController } from './jwks.controller.js';
import { KeyEntity } from './key.entity.js';
import { KeyLineEntity } from './key-line.entity.js';
import { KeyService } from './key-service.js';
import { Keys1764000000000 } from './keys.migration.js';
import { rotationPolicies } from './rotation-policy.js';

/** What the app's module takes from this folder. `KeyService.start()` comes after the migrations and before listening. */
export const KEY_ENTITIES = [KeyLineEntity, KeyEntity];
export const KEY_MIGRATIONS = [Keys1764000000000];
export const KEY_CONTROLLERS = [JwksController, InternalKeysController];

export function keyProviders(config: Pick<TokenConfig, 'kek' | 'sealingKek' | 'issuer' | 'settings'>): Provider[] {
  const useFactory = (db: Database, readiness: Readiness) =>
    new KeyService(db, {
      issuer: config.issuer,
      kek: Kek.local(config.kek, 'LANYARD_KEK'),
      sealingKek: Kek.local(config.sealingKek, 'LANYARD_SEALING_KEK'),
      policies: rotationPolicies(config.settings),
      readiness,
    });
  return [{ provide: KeyService, useFactory, inject: [Database, Readiness] }];
}
