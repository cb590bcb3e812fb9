import { randomBytes } from 'node:crypto';
import { type Database, openDatabase } from '#libs/database';
import { Readiness } from '#libs/http';
import { Kek } from '#libs/keys';
import { providerSettings } from '#libs/protocol';
import type { TestDatabase } from '#libs/testing';
import { KeyService, type KeyServiceOptions } from '../../src/keys/key-service.js';
import { KEY_ENTITIES, KEY_MIGRATIONS } from '../../src/keys/keys.module.js';
import { rotationPolicies } from '../../src/keys/rotation-policy.js';

export const ISSUER = 'https://as.example';
export const SECRETS = { kek: randomBytes(32), sealingKek: randomBytes(32) };
export const POLICIES = rotationPolicies(providerSettings.parse({}));

export function openKeysDatabase(database: TestDatabase): Promise<Database> {
  const url = database.url('lanyard_token');
  return openDatabase({ url, schema: 'token', entities: KEY_ENTITIES, migrations: KEY_MIGRATIONS, applicationName: 'keys spec' });
}

/** One instance of the token service, as far as keys go. It ticks when the spec says so. */
export class Instance {
  readonly readiness = new Readiness();
  readonly keys: KeyService;
  monotonicMs = 0;

  constructor(db: Database, options: Partial<KeyServiceOptions> & { secrets?: typeof SECRETS } = {}) {
    const { kek, sealingKek } = options.secrets ?? SECRETS;
    this.keys = new KeyService(db, {
      issuer: ISSUER,
      kek: Kek.local(kek, 'LANYARD_KEK'),
      sealingKek: Kek.local(sealingKek, 'LANYARD_SEALING_KEK'),
      policies: POLICIES,
      readiness: this.readiness,
      tickMs: 2 ** 31 - 1,
      monotonic: () => this.monotonicMs,
      ...options,
    });
  }

  /** What the readiness endpoint would say of the keys. */
  get reason() {
    return this.readiness.reasons.find(({ name }) => name === 'keys');
  }

  async passing(ms: number): Promise<void> {
    this.monotonicMs += ms;
    await this.keys.tick();
  }
}
