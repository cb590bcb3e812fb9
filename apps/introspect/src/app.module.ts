import { type BeforeApplicationShutdown, type DynamicModule, Module } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import type { IntrospectConfig } from '#libs/config';
import { Database } from '#libs/database';
import type { BroadcastReader } from '#libs/event-log';
import type { Clock } from '#libs/revocation';
import { RevocationHostModule, ViewService } from '#libs/revocation-host';
import { AuthzModule } from './authz/authz.module.js';
import { CallersModule } from './callers/callers.module.js';
import { FeedModule } from './feed/feed.module.js';
import { IntrospectionModule } from './introspection/introspection.module.js';
import { KeyWarmUp } from './keys/key-warm-up.js';
import { KeysModule } from './keys/keys.module.js';
import { CHECKPOINTS, CLOCK, INTROSPECT_CONFIG } from './tokens.js';

export interface AppParts {
  readonly config: IntrospectConfig;
  readonly database: Database;
  readonly checkpoints: Checkpoints;
  readonly clock: Clock;
  /** Another driver of the event log, or a test's. */
  readonly reader?: BroadcastReader;
}

/** What every module of this app may inject beside what libs/http gives. */
@Module({})
class PartsModule {}

@Module({})
export class AppModule implements BeforeApplicationShutdown {
  constructor(
    private readonly views: ViewService,
    private readonly keys: KeyWarmUp,
  ) {}

  /** After the last answer, so that what is still being answered stays registered and hears of every end. */
  async beforeApplicationShutdown(): Promise<void> {
    this.keys.stop();
    await this.views.stop();
  }

  static of({ config, database, checkpoints, clock, reader }: AppParts): DynamicModule {
    const providers = [
      { provide: INTROSPECT_CONFIG, useValue: config },
      { provide: Database, useValue: database },
      { provide: CHECKPOINTS, useValue: checkpoints },
      { provide: CLOCK, useValue: clock },
    ];
    return {
      module: AppModule,
      imports: [
        { module: PartsModule, global: true, providers, exports: providers.map(({ provide }) => provide) },
        RevocationHostModule.forRoot({
          settings: config.settings,
          logDatabaseUrl: config.logDatabaseUrl,
          kafka: config.kafka,
          clock,
          ...(reader ? { reader } : {}),
        }),
        KeysModule,
        CallersModule,
        IntrospectionModule,
        FeedModule,
        AuthzModule,
      ],
    };
  }
}
