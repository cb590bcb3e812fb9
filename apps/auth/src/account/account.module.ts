import { Module } from '@nestjs/common';
import { ClientDirectory } from '#libs/clients';
import type { AuthConfig } from '#libs/config';
import { Database } from '#libs/database';
import { InternalClient, Log } from '#libs/http';
import { ConsentStore } from '../consents/consents.store.js';
import { RevokeConsent } from '../consents/revoke-consent.js';
import { Cookies } from '../cookies/cookies.js';
import { FormGuard } from '../cookies/form-guard.js';
import { CurrentSession } from '../interaction/current-session.js';
import { Login } from '../interaction/login.js';
import { siteOf } from '../pages/layout.js';
import { PagesModule } from '../pages.module.js';
import { AUTH_CONFIG } from '../ports.js';
import { RecordsModule } from '../records.module.js';
import { ChangePassword } from '../users/change-password.js';
import { AccountController } from './account.controller.js';
import { AccountEndpoint } from './account.endpoint.js';
import { AccountAddresses } from './account-page.js';
import { ActEndpoint } from './act.endpoint.js';
import { AccountActions } from './actions/account-actions.js';
import { Activity } from './activity/activity.js';
import { ChangePasswordEndpoint } from './change-password.endpoint.js';
import { Frame } from './frame.js';
import { Notices } from './notice.js';
import { SignInEndpoint } from './sign-in.endpoint.js';
import { Visits } from './visits.js';

/** What the endpoints below share. */
class AccountKit {
  readonly addresses: AccountAddresses;
  readonly frame: Frame;
  readonly notices: Notices;
  readonly visits: Visits;
  readonly site: string;
  readonly reauthAfterS: number;

  constructor(
    config: AuthConfig,
    readonly guard: FormGuard,
    sessions: CurrentSession,
    readonly internal: InternalClient,
    readonly login: Login,
    readonly cookies: Cookies,
  ) {
    this.site = siteOf(config.issuer);
    this.reauthAfterS = config.settings.account_reauth_after;
    this.addresses = new AccountAddresses(config.publicUrls.auth);
    this.frame = new Frame(this.site, this.addresses);
    this.notices = new Notices(guard, config.settings.freshness_bound_ms);
    this.visits = new Visits(sessions, guard, internal);
  }
}

/** The account pages, put together here and nowhere else. */
@Module({
  imports: [PagesModule, RecordsModule],
  controllers: [AccountController],
  providers: [
    {
      provide: AccountKit,
      inject: [AUTH_CONFIG, FormGuard, CurrentSession, InternalClient, Login, Cookies],
      useFactory: (...parts: ConstructorParameters<typeof AccountKit>) => new AccountKit(...parts),
    },
    { provide: SignInEndpoint, inject: [AccountKit], useFactory: (kit: AccountKit) => new SignInEndpoint(kit) },
    {
      provide: ActEndpoint,
      inject: [AccountKit, Log],
      useFactory: (kit: AccountKit, log: Log) => {
        const { addresses, visits, login, cookies, frame, notices, reauthAfterS } = kit;
        return new ActEndpoint({ addresses, visits, login, cookies, frame, notices, reauthAfterS, log });
      },
    },
    {
      provide: AccountActions,
      inject: [AccountKit, RevokeConsent, Database],
      useFactory: ({ internal, notices }: AccountKit, revokeConsent: RevokeConsent, db: Database) =>
        new AccountActions({ internal, notices, revokeConsent, db }),
    },
    {
      provide: ChangePasswordEndpoint,
      inject: [AccountKit, ChangePassword],
      useFactory: ({ addresses, visits, login, cookies, frame, notices }: AccountKit, changePassword: ChangePassword) =>
        new ChangePasswordEndpoint({ addresses, visits, login, cookies, frame, notices, changePassword }),
    },
    {
      provide: AccountEndpoint,
      inject: [AccountKit, ClientDirectory, ConsentStore, Database, ChangePasswordEndpoint],
      useFactory: (
        { addresses, visits, frame, notices, internal }: AccountKit,
        clients: ClientDirectory,
        consents: ConsentStore,
        db: Database,
        password: ChangePasswordEndpoint,
      ) => {
        const applications = { db, consents, clients, internal };
        const activity = new Activity(db, internal);
        return new AccountEndpoint({ addresses, visits, frame, notices, internal, clients, applications, activity, password });
      },
    },
  ],
})
export class AccountModule {}
