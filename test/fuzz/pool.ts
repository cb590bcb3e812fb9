import { type ServiceName, sessionApi, tokenApi } from '#libs/contracts';
import { ServiceTokens } from '#libs/http';
import { STORY, secretOf, until } from '#libs/testing';
import { Operator } from '../actors/operator.js';
import { answerOf, basic } from '../actors/raw-client.js';
import { type Form, People, type Visit } from './people.js';
import type { Random } from './random.js';
import { Stock } from './stock.js';
import { APIS, CALLBACKS, CHALLENGE, FUZZ_CONFIG, type Services, VERIFIER } from './world.js';

const CALLERS = ['auth', 'session', 'token', 'introspect'] as const;
const MANY = 8;
/** The renewal may wait while the machine is busy: what is measured are the requests. */
const PATIENT = { timeoutMs: 10_000 };

export interface Code {
  readonly code: string;
  readonly client: string;
}
interface Tokens {
  readonly access: string;
  readonly refresh: string;
  readonly id: string;
  readonly client: string;
}
export interface Participation {
  readonly sid: string;
  readonly client: string;
}
export interface OwnClient {
  readonly id: string;
  readonly secret: string;
}
type Listed = { items: Record<string, unknown>[]; next: string | null };

const LISTS: Readonly<Record<string, 'auth' | 'session' | 'token'>> = {
  '/admin/users': 'auth',
  '/admin/clients': 'auth',
  '/admin/auth/unread-events': 'auth',
  '/admin/auth/audit': 'auth',
  '/admin/sessions': 'session',
  '/admin/deliveries': 'session',
  '/admin/sessions/dead-letters': 'session',
  '/admin/session/unread-events': 'session',
  '/admin/session/audit': 'session',
  '/admin/grants': 'token',
  '/admin/keys': 'token',
  '/admin/token/dead-letters': 'token',
  '/admin/token/audit': 'token',
};

/** Live things under the names that requests use, and the right credentials: without them a fuzzer only tests the door. */
export class Pool {
  readonly people: People;
  readonly visits = new Stock<Visit>();
  readonly signIns = new Stock<Form>();
  readonly logins = new Stock<Form>();
  readonly consents = new Stock<Form>();
  readonly logouts = new Stock<Form>();
  readonly codes = new Stock<Code>();
  readonly tokens = new Stock<Tokens>();
  readonly grants = new Stock<string>();
  readonly keys = new Stock<string>();
  readonly participations = new Stock<Participation>();
  readonly dead = new Stock<string>();
  readonly oneSecret = new Stock<OwnClient>();
  readonly twoSecrets = new Stock<OwnClient>();
  readonly cursors = new Map<string, string>();
  plan: Record<string, unknown> = {};
  adminToken = '';
  /** Something that everything stands on was ended: renewed before the next request is sent. */
  tired = false;
  private ends: readonly string[] = [];
  private letters: readonly string[] = [];
  private values: Record<string, readonly string[]> = {};
  private readonly signers: Record<ServiceName, ServiceTokens>;

  constructor(private readonly services: Services) {
    this.people = new People(services.world);
    this.signers = Object.fromEntries(
      CALLERS.map((name) => {
        const { LANYARD_SERVICE_KEY = '', LANYARD_SERVICE_KEYS = '' } = services.world.environment(name);
        const keys = { privateJwk: JSON.parse(LANYARD_SERVICE_KEY), publicJwks: JSON.parse(LANYARD_SERVICE_KEYS) };
        return [name, new ServiceTokens(name, keys)];
      }),
    ) as Record<ServiceName, ServiceTokens>;
  }

  known = (name: string): readonly string[] => (Object.hasOwn(this.values, name) ? (this.values[name] ?? []) : []);

  one(name: string, random: Random, otherwise = 'none'): string {
    const known = this.known(name);
    return known.length > 0 ? random.of(known) : otherwise;
  }

  serviceToken(caller: ServiceName, callee: ServiceName | '*'): string {
    return this.signers[caller].for(callee);
  }

  /** Where a part of it got a 503, as a busy machine answers now and then, that part is made anew. */
  async renew(): Promise<void> {
    this.tired = false;
    const operator = new Operator(this.services);
    const parts: Readonly<Record<string, () => Promise<void>>> = {
      rights: () => this.renewRights(operator),
      pages: () => this.renewPages(),
      tokens: () => this.renewTokens(),
      grants: () => this.renewGrants(),
      ends: () => this.renewEnds(),
      clients: () => this.renewClients(operator),
      lists: () => this.renewLists(operator),
    };
    for (const [part, made] of Object.entries(parts)) {
      await until(() => made().then(() => true), { timeoutMs: 120_000, everyMs: 500, what: `the pool's ${part} are renewed` });
    }
  }

  private async renewRights(operator: Operator): Promise<void> {
    const press = (path: string) => operator.call('auth', 'POST', path, {});
    this.adminToken = String((await this.token('admin-cli', { grant_type: 'client_credentials' })).access_token);
    await this.people.restore((sub) => press(`/admin/users/${sub}/enable`));
    for (const client of ['passer-by', 'print-press']) await press(`/admin/clients/${client}/enable`);
  }

  private async renewPages(): Promise<void> {
    const { people } = this;
    this.signIns.fill(await many(MANY, (index) => people.signInPage(index)));
    this.visits.fill(await many(2 * MANY, (index) => people.visit(index)));
    this.logins.fill(await many(MANY, (index) => people.loginPage(index)));
    this.consents.fill(await many(MANY, (index) => people.consentPage(index, { answered: false })));
    await many(2, (index) => people.consentPage(index, { answered: true }));
    this.logouts.fill(await many(MANY, (index) => people.logoutPage(index)));
  }

  /** Of jane, who is never named where something ends. */
  private async renewTokens(): Promise<void> {
    this.tokens.fill(await Promise.all((await this.makeCodes(MANY)).map((code) => this.exchange(code))));
  }

  private async renewGrants(): Promise<void> {
    // exchanged for the grants alone: these may be revoked
    await Promise.all((await this.makeCodes(MANY)).map((code) => this.exchange(code)));
    this.codes.fill(await this.makeCodes(2 * MANY));
  }

  private async makeCodes(count: number): Promise<Code[]> {
    const { session } = await this.people.startSession('jane');
    const { sub, gen } = this.people.of('jane');
    const issue = async (client: string, scope: string[], resources: string[] = []): Promise<Code> => {
      const code = await this.services.world.call('auth', tokenApi.issueCode, {
        ...{ client_id: client, redirect_uri: CALLBACKS[client] ?? '', redirect_uri_sent: true, sub, subject_gen: gen, sid: session.sid },
        ...{ scope, scope_narrowed: false, consent_id: null, nonce: null, code_challenge: CHALLENGE, resources, amr: ['pwd'], acr: null },
        access_mode: scope.includes('offline_access') ? 'offline' : 'online',
        ...{ auth_time: session.auth_time, auth_time_requested: false },
      });
      return { ...code, client };
    };
    const kinds = [
      () => issue('photo-shop', ['openid', 'profile', 'photos:read', 'online_access']),
      () => issue('photo-shop', ['openid', 'prints:order', 'online_access'], [STORY.printsApi]),
      () => issue('photo-book', ['openid', 'photos:read', 'online_access']),
      () => issue('photo-backup', ['openid', 'photos:read', 'offline_access']),
    ];
    return many(count, (index) => (kinds[index % kinds.length] as () => Promise<Code>)());
  }

  private async exchange({ code, client }: Code): Promise<Tokens> {
    const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACKS[client] ?? '', code_verifier: VERIFIER };
    const tokens = await this.token(client, form);
    return { access: String(tokens.access_token), refresh: String(tokens.refresh_token), id: String(tokens.id_token), client };
  }

  /** Sessions with participants: jane's to be cut, john's to be ended or ended already, with notices owed and, as after a day of refusals, given up. */
  private async renewEnds(): Promise<void> {
    const { world } = this.services;
    const taking = async (username: string) => {
      const { session } = await this.people.startSession(username);
      for (const participant of ['photo-shop', 'photo-book']) {
        await world.call('token', sessionApi.truth, { sid: session.sid, participant }, PATIENT);
      }
      return session.sid;
    };
    const sids = await many(6, () => taking('jane'));
    this.participations.fill(sids.map((sid, index) => ({ sid, client: index % 2 === 0 ? 'photo-shop' : 'photo-book' })));
    for (const sid of await many(3, () => taking('john'))) {
      await world.call('auth', sessionApi.end, { sid, reason: 'logout', initiated_by: 'user', actor: null });
    }
    const dead = await world.database.query<{ delivery_id: string }>(
      `UPDATE session.delivery SET state = 'dead', finished_at = lanyard.now(), claim = NULL, reason = 'refused'
       WHERE state = 'pending' AND grants_due IS NOT TRUE RETURNING delivery_id`,
    );
    this.ends = await many(3, () => taking('john'));
    this.dead.fill(dead.slice(-12).map(({ delivery_id }) => String(delivery_id)));
    const { sub, gen } = this.people.of('john');
    const body = JSON.stringify({ sub, gen, change: 'updated' });
    await world.database.query(
      `INSERT INTO auth.outbox_dead_letter
       SELECT 'token', 'events', 0, n, 'unread-' || n, $1, 'SubjectChanged', 1, $2::jsonb, lanyard.now(), lanyard.now() FROM generate_series(1, 3) n
       ON CONFLICT DO NOTHING`,
      [sub, body],
    );
    const letters: string[] = [];
    for (const service of ['session', 'token']) {
      const [letter] = await world.database.query<{ id: string }>(
        `INSERT INTO ${service}.dead_letter (source, stream, partition, pseq, event_id, key, name, version, body, recorded_at, reason, tries, at)
         SELECT 'auth', 'events', 0, 1000000 + count(*), 'fuzz-' || count(*), $1::text, 'SubjectChanged', 1, $2::jsonb, lanyard.now(),
           'handler', 10, lanyard.now() FROM ${service}.dead_letter RETURNING id`,
        [sub, body],
      );
      letters.push(String(letter?.id));
    }
    this.letters = letters;
  }

  /** Clients of the admin API's own making: only these can be changed by it. */
  private async renewClients(operator: Operator): Promise<void> {
    const metadata = {
      ...{ application_type: 'web', redirect_uris: ['http://localhost:4097/callback'], grant_types: ['authorization_code'] },
      ...{ token_endpoint_auth_method: 'client_secret_basic', scope: 'openid' },
    };
    const own = await many(6, async (index): Promise<OwnClient> => {
      const made = await operator.call('auth', 'POST', '/admin/clients', { metadata });
      const id = String((made.body.client as { client_id?: string } | undefined)?.client_id);
      if (index % 2 === 0) return { id, secret: 'none' };
      const { body } = await operator.call('auth', 'POST', `/admin/clients/${id}/secrets`, {});
      return { id, secret: String(body.secret_id) };
    });
    this.oneSecret.fill(own.filter((_, index) => index % 2 === 0));
    this.twoSecrets.fill(own.filter((_, index) => index % 2 === 1));
    const file = { name: 'lanyard.yaml', text: JSON.stringify(FUZZ_CONFIG) };
    const { body } = await operator.call('auth', 'POST', '/admin/configuration/plan', file);
    this.plan = { ...file, plan: body.plan ?? 'none' };
  }

  private async renewLists(operator: Operator): Promise<void> {
    const lists: Record<string, Listed> = {};
    for (const [path, service] of Object.entries(LISTS)) {
      const { body } = await operator.call(service, 'GET', `${path}?limit=${path === '/admin/keys' ? 50 : 1}`);
      lists[path] = body as unknown as Listed;
      if (typeof body.next === 'string') this.cursors.set(path, body.next);
    }
    const keys = lists['/admin/keys']?.items ?? [];
    const first = await operator.call('token', 'GET', '/admin/keys?limit=1');
    this.cursors.set('/admin/keys', String(first.body.next));
    const activity = [1_000_000, { ended_at: 8_000_000_000_000, sid: 'x' }];
    this.cursors.set('/account/activity', Buffer.from(JSON.stringify(['activity', ...activity])).toString('base64url'));
    const { body } = await operator.call('token', 'GET', `/admin/grants?limit=8&sub=${this.people.of('jane').sub}`);
    const gids = (body as unknown as Listed).items.map(({ gid }) => String(gid));
    this.grants.fill(gids);
    // two at most: under an active one nearly everything would die
    const live = keys.filter(({ state }) => state === 'pending' || state === 'retiring');
    const spare = keys.filter(({ state, line }) => state === 'active' && line === 'signing:ES256');
    this.keys.fill([...live, ...spare, ...keys.slice(-1)].slice(0, 2).map(({ kid }) => String(kid)));
    this.name(gids, keys);
  }

  private name(gids: readonly string[], keys: readonly Record<string, unknown>[]): void {
    const random = { below: () => 0, chance: () => true, of: <T>(list: readonly T[]) => list[0] as T } as unknown as Random;
    const { access, refresh, id } = this.tokens.any(random);
    const john = this.people.of('john');
    const dead = this.dead.any(random);
    this.values = {
      ...{ token: [access, refresh, id], access_token: [access], refresh_token: [refresh], id_token_hint: [id] },
      ...{ sid: this.ends, sids: this.ends, except_sid: this.ends, keep_sid: this.ends, cookie: ['x'.repeat(43)] },
      ...{ gid: gids, delivery_id: [dead], id: ['1', ...this.letters], subject_gen: [String(john.gen)], gen: ['0', String(john.gen)] },
      // jane's generation stays: the tokens are hers
      ...{ sub: [john.sub], user: [john.sub], client_id: ['passer-by'], client: ['passer-by'], participant: ['photo-book'] },
      ...{ client_secret: [secretOf('photo-shop')], username: ['nobody'], redirect_uri: Object.values(CALLBACKS), state: ['fuzz'] },
      ...{ post_logout_redirect_uri: ['http://localhost:4090/goodbye'], response_type: ['code'], code_challenge: [CHALLENGE] },
      ...{ code_challenge_method: ['S256'], scope: ['openid photos:read online_access', 'openid', 'photos:read'], nonce: ['fuzz'] },
      ...{ prompt: ['none', 'login', 'consent'], resource: APIS, resources: APIS, answer: ['allow', 'deny', 'yes', 'no'] },
      ...{ alg: ['ES256', 'RS256'], ip: ['192.0.2.7'], origin: ['http://localhost:4093'], password: ['a new password of nobody'] },
      line: [...new Set(keys.map(({ line }) => String(line)))],
      ...{
        kid: keys.map(({ kid }) => String(kid)),
        max_age: ['0', '3600'],
        to: ['overview', 'sessions'],
        text: [JSON.stringify(FUZZ_CONFIG)],
      },
    };
  }

  private async token(clientId: string, form: Record<string, string>): Promise<Record<string, unknown>> {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', authorization: basic(clientId, secretOf(clientId)) };
    const url = `${this.services.world.url('token')}/token`;
    const { status, body } = await answerOf(await fetch(url, { method: 'POST', headers, body: new URLSearchParams(form).toString() }));
    if (status !== 200) throw new Error(`no token for ${clientId}: ${status} ${JSON.stringify(body)}`);
    return body;
  }
}

/** A few at a time: it is the fuzzed services that do the work. */
async function many<T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  for (let from = 0; from < count; from += 4) {
    const indexes = Array.from({ length: Math.min(4, count - from) }, (_, index) => from + index);
    made.push(...(await Promise.all(indexes.map(make))));
  }
  return made;
}
