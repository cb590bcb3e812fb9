import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import type { SessionConfig } from '#libs/config';
import { Database, Pepper } from '#libs/database';
import { Outbox, Relay } from '#libs/event-log';
import { InternalClient } from '#libs/http';
import { EndConfirmer } from '#libs/revocation-host';
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
  checkpoints: Checkpoints;
}

const SESSIONS: Provider[] = [EndPorts, AfterEnd, StartSession, Truth, TouchSession, EndSession, Reaper, Sweeper, EndOutdated];
const BACKCHANNEL: Provider[] = [HostSlots, ReceiverDirectory, SignLogoutToken, Settlements, CutGrants, Deliver, DeliveryLoop];

@Module({})
export class SessionModule {}

/** What the service is made of. app.ts makes the parts that outlive Nest (database, log) and starts the loops. */
export function sessionModule({ config, db, relay, checkpoints }: SessionModuleOptions): DynamicModule {
  return {
    module: SessionModule,
    controllers: [SessionsController, ViewsController, LogController, SubjectChangedConsumer],
    providers: [
      { provide: Database, useValue: db },
      { provide: Relay, useValue: relay },
      { provide: Outbox, useValue: new Outbox('session') },
      { provide: Pepper, useValue: new Pepper(config.pepper) },
      { provide: Lifetimes, useValue: new Lifetimes(config.settings) },
      { provide: CHECKPOINTS, useValue: checkpoints },
      { provide: SendLogoutToken, useFactory: () => new SendLogoutToken(policyOf(config)) },
      ViewRegistry,
      {
        provide: CONFIRMER,
        useFactory: (directory: ViewRegistry, client: InternalClient) =>
          new EndConfirmer({ directory, client, waitMs: config.settings.confirm_wait_ms }),
        inject: [ViewRegistry, InternalClient],
      },
      ...SESSIONS,
      ...BACKCHANNEL,
    ],
  };
}

function policyOf({ issuer, settings }: SessionConfig): ReceiverPolicy {
  return new ReceiverPolicy({ issuer, allowPrivate: settings.allow_private_receivers });
}
