import { Module } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import { ClientDirectory } from '#libs/clients';
import type { AuthConfig } from '#libs/config';
import { Database, Pepper } from '#libs/database';
import { Ephemeral } from '#libs/ephemeral';
import { InternalClient, Log } from '#libs/http';
import { ViewService } from '#libs/revocation-host';
import { AuthorizeController } from './authorize/authorize.controller.js';
import { AuthorizeEndpoint } from './authorize/authorize.endpoint.js';
import { ConsentStore } from './consents/consents.store.js';
import { Cookies } from './cookies/cookies.js';
import { FormGuard } from './cookies/form-guard.js';
import { IdTokenHints } from './hints/id-token-hints.js';
import { CurrentSession } from './interaction/current-session.js';
import { Dispatch } from './interaction/dispatch.js';
import { InteractionController } from './interaction/interaction.controller.js';
import { InteractionEndpoint } from './interaction/interaction.endpoint.js';
import { InteractionStore } from './interaction/interaction.store.js';
import { InteractionPages } from './interaction/interaction-pages.js';
import { Login } from './interaction/login.js';
import { LoginThrottle } from './interaction/login-throttle.js';
import { ProvePassword } from './interaction/prove-password.js';
import { LogoutController } from './logout/logout.controller.js';
import { LogoutEndpoint } from './logout/logout.endpoint.js';
import { LogoutStore } from './logout/logout.store.js';
import { siteOf } from './pages/layout.js';
import { AUTH_CONFIG, CHECKPOINTS } from './ports.js';
import { UserStore } from './users/users.store.js';
import { VerifyPassword } from './users/verify-password.js';

/** What a person's browser talks to: authorize, the interaction's pages, logout. Plain classes, put together here and nowhere else. */
@Module({
  controllers: [AuthorizeController, InteractionController, LogoutController],
  providers: [
    { provide: Cookies, inject: [AUTH_CONFIG], useFactory: (config: AuthConfig) => new Cookies(config.issuer) },
    { provide: FormGuard, inject: [Cookies, Pepper], useFactory: (cookies: Cookies, pepper: Pepper) => new FormGuard(cookies, pepper) },
    {
      provide: IdTokenHints,
      inject: [AUTH_CONFIG, InternalClient, ViewService],
      useFactory: (config: AuthConfig, internal: InternalClient, views: ViewService) => {
        const hints = new IdTokenHints(config.issuer, internal);
        views.onKeyRevoked((kid) => hints.dropKey(kid));
        return hints;
      },
    },
    {
      provide: InteractionStore,
      inject: [Ephemeral],
      useFactory: (ephemeral: Ephemeral) => new InteractionStore(ephemeral.objects('interaction')),
    },
    {
      provide: LogoutStore,
      inject: [Ephemeral],
      useFactory: (ephemeral: Ephemeral) => new LogoutStore(ephemeral.objects('logout')),
    },
    {
      provide: LoginThrottle,
      inject: [Ephemeral],
      useFactory: (ephemeral: Ephemeral) =>
        new LoginThrottle(ephemeral.counter('login.account'), ephemeral.counter('login.address'), ephemeral.counter('login.failures')),
    },
    {
      provide: CurrentSession,
      inject: [Cookies, InternalClient, UserStore],
      useFactory: (cookies: Cookies, internal: InternalClient, users: UserStore) => new CurrentSession(cookies, internal, users),
    },
    {
      provide: Dispatch,
      inject: [CurrentSession, ClientDirectory, ConsentStore],
      useFactory: (sessions: CurrentSession, clients: ClientDirectory, consents: ConsentStore) => new Dispatch(sessions, clients, consents),
    },
    {
      provide: ProvePassword,
      inject: [LoginThrottle, VerifyPassword, Database],
      useFactory: (throttle: LoginThrottle, passwords: VerifyPassword, db: Database) => new ProvePassword(throttle, passwords, db),
    },
    {
      provide: Login,
      inject: [Cookies, ProvePassword, Database, InternalClient],
      useFactory: (cookies: Cookies, proofs: ProvePassword, db: Database, internal: InternalClient) =>
        new Login(cookies, proofs, db, internal),
    },
    {
      provide: InteractionPages,
      inject: [AUTH_CONFIG],
      useFactory: (config: AuthConfig) => new InteractionPages(config.publicUrls.auth, siteOf(config.issuer)),
    },
    {
      provide: InteractionEndpoint,
      inject: [
        AUTH_CONFIG,
        InteractionStore,
        FormGuard,
        Dispatch,
        Login,
        Database,
        ConsentStore,
        InteractionPages,
        InternalClient,
        CHECKPOINTS,
      ],
      useFactory: (
        { issuer }: AuthConfig,
        store: InteractionStore,
        guard: FormGuard,
        dispatch: Dispatch,
        login: Login,
        db: Database,
        consents: ConsentStore,
        pages: InteractionPages,
        internal: InternalClient,
        checkpoints: Checkpoints,
      ) => new InteractionEndpoint({ issuer, store, guard, dispatch, login, db, consents, pages, internal, checkpoints }),
    },
    {
      provide: AuthorizeEndpoint,
      inject: [AUTH_CONFIG, ClientDirectory, IdTokenHints, FormGuard, InteractionStore, Dispatch, InteractionEndpoint, InteractionPages],
      useFactory: (
        { issuer }: AuthConfig,
        clients: ClientDirectory,
        hints: IdTokenHints,
        guard: FormGuard,
        store: InteractionStore,
        dispatch: Dispatch,
        interaction: InteractionEndpoint,
        pages: InteractionPages,
      ) => new AuthorizeEndpoint({ issuer, clients, hints, guard, store, dispatch, interaction, pages }),
    },
    {
      provide: LogoutEndpoint,
      inject: [
        AUTH_CONFIG,
        Cookies,
        FormGuard,
        IdTokenHints,
        ClientDirectory,
        UserStore,
        CurrentSession,
        LogoutStore,
        InternalClient,
        Log,
        CHECKPOINTS,
      ],
      useFactory: (
        config: AuthConfig,
        cookies: Cookies,
        guard: FormGuard,
        hints: IdTokenHints,
        clients: ClientDirectory,
        users: UserStore,
        sessions: CurrentSession,
        store: LogoutStore,
        internal: InternalClient,
        log: Log,
        checkpoints: Checkpoints,
      ) =>
        new LogoutEndpoint({
          publicUrl: config.publicUrls.auth,
          site: siteOf(config.issuer),
          cookies,
          guard,
          hints,
          clients,
          users,
          sessions,
          store,
          internal,
          log,
          checkpoints,
        }),
    },
  ],
  // For the account pages.
  exports: [Cookies, FormGuard, CurrentSession, Login],
})
export class PagesModule {}
