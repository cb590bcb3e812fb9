import type { Checkpoints } from '#libs/checkpoints';
import { sessionApi } from '#libs/contracts';
import {
  type InProcessServices,
  LogoutReceiver,
  type ServiceWorld,
  type SpawnedServices,
  STORY,
  secretOf,
  spawnServices,
  startServices,
  until,
} from '#libs/testing';
import { decided } from './actors/decided.js';
import { PatientClient } from './actors/patient-client.js';
import { type Endpoints, RawClient, type TokenSet } from './actors/raw-client.js';
import { type Person, type SignInOptions, signIn } from './actors/sign-in.js';
import type { Page, UserAgent } from './actors/user-agent.js';
import { type Started, WebClient } from './actors/web-client.js';
import { storyConfig } from './story/story.config.js';

export interface WorldOptions {
  readonly settings?: Record<string, unknown>;
  readonly env?: NodeJS.ProcessEnv;
  readonly checkpoints?: Checkpoints;
}

interface Metadata {
  readonly token_endpoint: string;
  readonly revocation_endpoint: string;
  readonly introspection_endpoint: string;
  readonly userinfo_endpoint: string;
  readonly jwks_uri: string;
  readonly end_session_endpoint: string;
  readonly authorization_endpoint: string;
}

/** A sign-in by `signInAt`: what the browser brought back, or the page it stayed on. */
export interface Landed {
  readonly started: Started;
  readonly page: Page;
  readonly code: string | null;
  readonly error: string | null;
}

/** What a world stands on: services that run, whichever way they were started. `stop` ends what was started for them, too. */
export interface Services {
  readonly world: Pick<ServiceWorld, 'issuer'> & { readonly database: Pick<ServiceWorld['database'], 'query'> };
  stop(): Promise<void>;
}

/** The four services and everybody around them: three web clients that hear of ends, a browser client, two resource servers. */
export class World<S extends Services = InProcessServices> {
  private constructor(
    readonly services: S,
    readonly metadata: Metadata,
    readonly clients: Readonly<Record<'photo-shop' | 'photo-book' | 'photo-backup' | 'photo-viewer', WebClient>>,
    readonly receivers: Readonly<Record<'photo-shop' | 'photo-book' | 'photo-backup', LogoutReceiver>>,
  ) {}

  static async start<S extends Services>(
    start: (config: Record<string, unknown>) => Promise<S>,
    settings?: Record<string, unknown>,
  ): Promise<World<S>> {
    const [shop, book, backup, viewer] = await Promise.all([
      WebClient.start('photo-shop', secretOf('photo-shop')),
      WebClient.start('photo-book', secretOf('photo-book')),
      WebClient.start('photo-backup', secretOf('photo-backup')),
      WebClient.start('photo-viewer'),
    ]);
    const [forShop, forBook, forBackup] = await Promise.all([LogoutReceiver.start(), LogoutReceiver.start(), LogoutReceiver.start()]);
    const places = {
      'photo-shop': { origin: shop.origin, logout: forShop.url },
      'photo-book': { origin: book.origin, logout: forBook.url },
      'photo-backup': { origin: backup.origin, logout: forBackup.url },
      'photo-viewer': { origin: viewer.origin },
    };
    const everybody = [shop, book, backup, viewer, forShop, forBook, forBackup];
    // Who listens on keeps jest from ending, and the reason from being read.
    const services = await start({ ...storyConfig(places, settings) }).catch(async (error: unknown) => {
      await Promise.all(everybody.map((each) => each.close()));
      throw error;
    });
    const clients = { 'photo-shop': shop, 'photo-book': book, 'photo-backup': backup, 'photo-viewer': viewer };
    await Promise.all(Object.values(clients).map((client) => client.discover(services.world.issuer)));
    const metadata = (await (await fetch(`${services.world.issuer}/.well-known/openid-configuration`)).json()) as Metadata;
    return new World(services, metadata, clients, { 'photo-shop': forShop, 'photo-book': forBook, 'photo-backup': forBackup });
  }

  get issuer(): string {
    return this.stand.issuer;
  }
  /** Database, clock, internal calls. */
  get stand(): S['world'] {
    return this.services.world;
  }
  get shop(): WebClient {
    return this.clients['photo-shop'];
  }
  get book(): WebClient {
    return this.clients['photo-book'];
  }
  get backup(): WebClient {
    return this.clients['photo-backup'];
  }
  get endpoints(): Endpoints {
    const {
      token_endpoint: token,
      revocation_endpoint: revoke,
      introspection_endpoint: introspect,
      userinfo_endpoint: userinfo,
    } = this.metadata;
    return { token, revoke, introspect, userinfo };
  }

  /** A client of the configuration that says exactly what a test wants said. */
  raw(clientId: string): RawClient {
    return new RawClient(this.endpoints, clientId, clientId === 'photo-viewer' ? null : secretOf(clientId));
  }

  /** The same one, that asks again when it is told 503. */
  patient(clientId: string): PatientClient {
    return new PatientClient(this.endpoints, clientId, clientId === 'photo-viewer' ? null : secretOf(clientId));
  }

  /** Through the pages to the client; Jane unless said otherwise. */
  async signInAt(
    agent: UserAgent,
    client: WebClient,
    scope: string,
    options: SignInOptions & { person?: Person; more?: Record<string, string> } = {},
  ): Promise<Landed> {
    const started = await client.begin(scope, options.more);
    const page = await signIn(agent, started.url, options.person ?? STORY.jane, client.isMine, options);
    const sent = client.isMine(page.url) ? page.url.searchParams : new URLSearchParams();
    return { started, page, code: sent.get('code'), error: sent.get('error') };
  }

  /** The same, and the tokens for the code. Whoever is told 503 on the way tries again, as its Retry-After says. */
  async tokensFor(
    agent: UserAgent,
    client: WebClient,
    scope: string,
    options: SignInOptions & { person?: Person; more?: Record<string, string> } = {},
  ): Promise<TokenSet> {
    const told = async () => {
      const { started, code, page } = await this.signInAt(agent, client, scope, options);
      if (code) return this.raw(client.clientId).exchange(code, started.verifier, client.callback);
      return { status: page.status, body: { page: page.url.href, says: page.body.replace(/<style>.*<\/style>/s, '').slice(0, 2_000) } };
    };
    const last = await decided(told);
    if (last.status === 200 && 'access_token' in last.body) return last.body as unknown as TokenSet;
    throw new Error(`no tokens: ${last.status} ${JSON.stringify(last.body)}`);
  }

  /** Whether the gateway, which may see every access token, is told that it is active. Asked by a raw client, 503 throws. */
  async isActive(accessToken: string, gateway: RawClient = this.patient('gateway')): Promise<boolean> {
    const { status, body } = await gateway.introspect(accessToken);
    if (status !== 200) throw new Error(`introspection answered ${status}`);
    return body.active === true;
  }

  /** Moves the database's clock ahead, and waits until the registry knows the views again: a leap lets every lease lapse. */
  async advance(this: World<InProcessServices | SpawnedServices>, ms: number): Promise<void> {
    await this.stand.time.advance(ms);
    const current = async () => (await this.stand.call('auth', sessionApi.listViews, {})).views.filter(({ lapsed }) => !lapsed).length >= 4;
    await until(current, { what: 'four views registered' });
  }

  /** Logout tokens still owed to some client. */
  async openDeliveries(): Promise<number> {
    const [row] = await this.stand.database.query<{ open: string }>(
      "SELECT count(*) AS open FROM session.delivery WHERE state = 'pending'",
    );
    return Number(row?.open);
  }

  /**
   * Waits until no logout token is owed. When nothing is due and nothing is in somebody's hands, the clock is moved to what is due first,
   * as often as that comes: an attempt that failed a moment before its receiver was well again has its next turn minutes from now.
   */
  async everybodyTold(this: World<InProcessServices | SpawnedServices>, timeoutMs = 60_000): Promise<void> {
    const owed = async () => {
      const [row] = await this.stand.database.query<{ open: number; claimed: number; due_in: number | null }>(
        `SELECT count(*)::int AS open, count(claim)::int AS claimed, extract(epoch FROM min(due_at) - lanyard.now())::float8 * 1000 AS due_in
         FROM session.delivery WHERE state = 'pending'`,
      );
      const { open = 0, claimed = 0, due_in = null } = row ?? {};
      if (claimed === 0 && due_in !== null && due_in > 0) await this.advance(Math.ceil(due_in));
      return open;
    };
    await until(async () => (await owed()) === 0, { what: 'no logout token owed', timeoutMs });
  }

  async close(): Promise<void> {
    await this.services.stop();
    await Promise.all(Object.values(this.clients).map((client) => client.close()));
    await Promise.all(Object.values(this.receivers).map((receiver) => receiver.close()));
  }
}

/** All four in this process. */
export function startWorld(options: WorldOptions = {}): Promise<World> {
  const { checkpoints, env } = options;
  const more = { ...(checkpoints ? { checkpoints } : {}), ...(env ? { env } : {}) };
  return World.start((config) => startServices({ config, ...more }), options.settings);
}

/** All four as processes of the built product. Tests stop and kill them; who ends a session then waits for them as long as in a real one. */
export function spawnWorld(options: Omit<WorldOptions, 'checkpoints'> = {}): Promise<World<SpawnedServices>> {
  const settings = { confirm_wait_ms: 150, ...options.settings };
  return World.start((config) => spawnServices({ config, ...(options.env ? { env: options.env } : {}) }), settings);
}
