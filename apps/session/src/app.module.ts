import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import type { SessionConfig } from '#libs/config';
import { Database, Pepper } from '#libs/database';
import { DeadLetters, LogTransport, Outbox, Relay } from '#libs/event-log';
import { InternalClient } from '#libs/http';
import { Metrics } from '#libs/metrics';
import { EndConfirmer, ViewService } from '#libs/revocation-host';
import { ADMIN_CONTROLLERS } from './admin/admin-controllers.js';
import { adminHost } from './admin/admin-host.js';
import { AskProcesses } from './admin/ask-processes.js';
import { CutClient } from './admin/cut-client.js';
import { EndMany } from './admin/end-many.js';
import { ReplayDeliveries } from './admin/replay-deliveries.js';
import { CutGrants } from './backchannel/cut-grants.js';
import { Deliver } from './backchannel/deliver.js';
import { DeliveryLoop } from './backchannel/delivery-loop.js';
import { HostSlots } from './backchannel/host-slots.js';
import { ReceiverDirectory } from './backchannel/receiver-directory.js';
import { ReceiverPolicy } from './backchannel/receiver-policy.js';
import { SendLogoutToken } from './backchannel/send-logout-token.js';
import { Settlements } from './backchannel/settlements.js';
import { SignLogoutToken } from './backchannel/sign-logout-token.js';
import { Reaper } from './expiry/reaper.js';
import { Sweeper } from './expiry/sweeper.js';
import { LogController } from './internal/log.controller.js';
import { SessionsController } from './internal/sessions.controller.js';
import { ViewsController } from './internal/views.controller.js';
import { CHECKPOINTS, CONFIRMER } from './ports.js';
import { AfterEnd } from './sessions/after-end.js';
import { EndSession } from './sessions/end-session.js';
import { EndPorts } from './sessions/end-sessions.js';
import { Lifetimes } from './sessions/lifetimes.js';
import { StartSession } from './sessions/start-session.js';
import { TouchSession } from './sessions/touch-session.js';
import { Truth } from './sessions/truth.js';
import { EndOutdated } from './signals/end-outdated.js';
import { SubjectChangedConsumer } from './signals/subject-changed.consumer.js';
import { ViewRegistry } from './views/view-registry.js';

export interface SessionModuleOptions {
  config: SessionConfig;
  db: Database;
  relay: Relay;
  transport: LogTransport;
  checkpoints: Checkpoints;
}

const SESSIONS: Provider[] = [EndPorts, AfterEnd, StartSession, Truth, TouchSession, EndSession, Reaper, Sweeper, EndOutdated];
const BACKCHANNEL: Provider[] = [HostSlots, ReceiverDirectory, SignLogoutToken, Settlements, CutGrants, Deliver, DeliveryLoop];
const ADMIN: Provider[] = [EndMany, CutClient, ReplayDeliveries, AskProcesses];

@Module({})
export class SessionModule {}

/** What the service is made of. app.ts makes the parts that outlive Nest (database, log) and starts the loops. */
export function sessionModule({ config, db, relay, transport, checkpoints }: SessionModuleOptions): DynamicModule {
  return {
    module: SessionModule,
    imports: adminHost(config, db),
    controllers: [SessionsController, ViewsController, LogController, SubjectChangedConsumer, ...ADMIN_CONTROLLERS],
    providers: [
      { provide: Database, useValue: db },
      { provide: Relay, useValue: relay },
      { provide: Outbox, useValue: new Outbox('session', config.kafka?.partitions) },
      { provide: Pepper, useValue: new Pepper(config.pepper) },
      { provide: Lifetimes, useValue: new Lifetimes(config.settings) },
      { provide: CHECKPOINTS, useValue: checkpoints },
      { provide: SendLogoutToken, useFactory: () => new SendLogoutToken(policyOf(config)) },
      { provide: DeadLetters, useValue: new DeadLetters(db, transport) },
      ViewRegistry,
      {
        provide: CONFIRMER,
        useFactory: (directory: ViewRegistry, client: InternalClient, own: ViewService, metrics: Metrics) =>
          new EndConfirmer({ directory, client, own, metrics, waitMs: config.settings.confirm_wait_ms }),
        inject: [ViewRegistry, InternalClient, ViewService, Metrics],
      },
      ...SESSIONS,
      ...BACKCHANNEL,
      ...ADMIN,
    ],
  };
}

function policyOf({ issuer, settings }: SessionConfig): ReceiverPolicy {
  return new ReceiverPolicy({ issuer, allowPrivate: settings.allow_private_receivers });
}
