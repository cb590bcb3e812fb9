import { type BeforeApplicationShutdown, type DynamicModule, Module, type Provider } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import type { TokenConfig } from '#libs/config';
import { Database, Pepper } from '#libs/database';
import { DeadLetters, LogOwner, LogTransport, Outbox } from '#libs/event-log';
import { Log } from '#libs/http';
import { RevocationHostModule, ViewService } from '#libs/revocation-host';
import { ADMIN_CONTROLLERS } from './admin/admin-controllers.js';
import { adminHost } from './admin/admin-host.js';
import { RevokeMany } from './admin/revoke-many.js';
import { OnClientChanged } from './cascade/on-client-changed.consumer.js';
import { OnSessionEnded } from './cascade/on-session-ended.consumer.js';
import { OnSubjectChanged } from './cascade/on-subject-changed.consumer.js';
import { clientProviders } from './client-providers.js';
import { IssueCode } from './codes/issue-code.js';
import { RedeemCode } from './codes/redeem-code.js';
import { AuthorizationCodeGrant } from './grant-types/authorization-code.grant.js';
import { ClientCredentialsGrant } from './grant-types/client-credentials.grant.js';
import { GrantTypes } from './grant-types/grant-types.js';
import { RefreshTokenGrant } from './grant-types/refresh-token.grant.js';
import { AdvanceRefresh } from './grants/advance-refresh.js';
import { Announce } from './grants/announce.js';
import { Revocations } from './grants/revocations.js';
import { InternalController } from './internal/internal.controller.js';
import { IntrospectRefreshToken } from './internal/introspect-refresh-token.js';
import { IssueTokens } from './issuing/issue-tokens.js';
import { ChangeKeys } from './keys/change-keys.js';
import { KEY_CONTROLLERS, keysModule } from './keys/keys.module.js';
import { SessionTruth } from './liveness/session-truth.js';
import { SessionUse } from './liveness/session-use.js';
import { Standing } from './liveness/standing.js';
import { CHECKPOINTS, TOKEN_CONFIG } from './ports.js';
import { Sweeper } from './retention/sweeper.js';
import { RevocationController } from './revocation/revocation.controller.js';
import { RevocationEndpoint } from './revocation/revocation.endpoint.js';
import { TokenController } from './token/token.controller.js';
import { TokenEndpoint } from './token/token.endpoint.js';

export interface TokenModuleOptions {
  config: TokenConfig;
  db: Database;
  log: LogOwner;
  transport: LogTransport;
  checkpoints: Checkpoints;
}

const ENDPOINTS: Provider[] = [TokenEndpoint, RevocationEndpoint, IntrospectRefreshToken];
const GRANT_TYPES: Provider[] = [GrantTypes, AuthorizationCodeGrant, RefreshTokenGrant, ClientCredentialsGrant];
const GRANTS: Provider[] = [AdvanceRefresh, Revocations, Announce, IssueCode, RedeemCode, IssueTokens];
const ADMIN: Provider[] = [ChangeKeys, RevokeMany];
const LIVENESS: Provider[] = [SessionTruth, SessionUse, Standing];

@Module({})
export class TokenModule implements BeforeApplicationShutdown {
  constructor(private readonly views: ViewService) {}

  /** After the last answer: until then ends must find this view in the registry. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.views.stop();
  }
}

/** What the service is made of. app.ts makes the parts that outlive Nest (database, log) and starts the loops. */
export function tokenModule({ config, db, log, transport, checkpoints }: TokenModuleOptions): DynamicModule {
  const { settings, logDatabaseUrl, kafka } = config;
  return {
    module: TokenModule,
    imports: [
      RevocationHostModule.forRoot({ settings, logDatabaseUrl, kafka }),
      keysModule(config, db, checkpoints),
      adminHost(config, db),
    ],
    controllers: [
      TokenController,
      RevocationController,
      InternalController,
      ...KEY_CONTROLLERS,
      OnSessionEnded,
      OnSubjectChanged,
      OnClientChanged,
      ...ADMIN_CONTROLLERS,
    ],
    providers: [
      { provide: Database, useValue: db },
      { provide: LogOwner, useValue: log },
      { provide: Outbox, useValue: new Outbox('token', config.kafka?.partitions) },
      { provide: Pepper, useValue: new Pepper(config.pepper) },
      { provide: TOKEN_CONFIG, useValue: config },
      { provide: CHECKPOINTS, useValue: checkpoints },
      {
        provide: Sweeper,
        inject: [Log],
        useFactory: (out: Log) => new Sweeper(db, { onError: (error) => out.warn('old codes and grants were not swept', {}, error) }),
      },
      { provide: DeadLetters, useValue: new DeadLetters(db, transport) },
      ...clientProviders(config),
      ...LIVENESS,
      ...GRANTS,
      ...GRANT_TYPES,
      ...ENDPOINTS,
      ...ADMIN,
    ],
  };
}
