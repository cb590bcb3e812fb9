import { problemOf } from '#libs/http';
import type { TokenAnswer } from '../../apps/token/src/issuing/issue-tokens.js';
import type { Host } from './network.js';
import { NoAnswer } from './network.js';
import { REDIRECT } from './parts/auth-part.js';
import { type Ground } from './parts/parts.js';
import type { Process } from './scheduler.js';
import { SETTINGS } from './settings.js';
import { CLIENTS, SUBJECTS } from './tables.js';

type Outcome<T> = { kind: 'ok'; value: T } | { kind: 'refused'; code: string } | { kind: 'unknown' };

interface Signed {
  sub: string;
  sid: string;
  cookie: string;
  confirmedEnd: boolean;
}

interface Code {
  code: string;
  client: string;
  sid: string;
  offline: boolean;
  given: number;
}

/** What a client holds of one grant: every refresh token it ever got, and access tokens. */
interface Family {
  client: string;
  sid: string;
  offline: boolean;
  gid: string;
  refresh: Map<number, string>;
  access: string[];
  revoked: boolean;
}

const PATIENCE_MS = 6_000;

/** Browsers, client applications, resource servers and an operator. Several act at once on the same few sessions, codes and tokens. */
export class Agents {
  readonly signed: Signed[] = [];
  readonly codes: Code[] = [];
  readonly families: Family[] = [];
  private done = 0;

  constructor(
    private readonly ground: Ground,
    private readonly world: Process,
  ) {}

  /** One thing after the other, until `count` are done. */
  async act(name: string, count: number): Promise<void> {
    for (let left = count; left > 0; left--) {
      const [what, action] = this.choose();
      const id = ++this.done;
      this.ground.scheduler.note(`— ${name} begins ${id}: ${what}`);
      const result = await action();
      this.ground.scheduler.note(`— ${name} ends ${id}: ${what}: ${result}`);
      await this.ground.scheduler.turn(this.world, `${name} thinks`);
    }
  }

  /** Somebody is signed in and a client has its tokens: what the others then fall upon. Not always. */
  async begin(): Promise<void> {
    if (this.ground.scheduler.random.chance(0.15)) return;
    await this.signIn();
    for (const code of [...this.codes]) await this.exchange(code);
  }

  private choose(): [string, () => Promise<string>] {
    const { random } = this.ground.scheduler;
    const fresh = this.codes.filter(({ given }) => given === 0);
    const ways: [number, string, () => Promise<string>][] = [[this.signed.length === 0 ? 8 : 1, 'sign in', () => this.signIn()]];
    const family = this.families.length > 0 ? random.pick(this.families) : null;
    if (fresh.length > 0) ways.push([10, 'exchange', () => this.exchange(random.pick(fresh))]);
    if (this.codes.length > 0) ways.push([1, 'exchange any code', () => this.exchange(random.pick(this.codes))]);
    if (this.signed.length > 0) ways.push([2, 'end', () => this.end(random.pick(this.signed))]);
    if (this.signed.length > 0) ways.push([0.7, 'disable or enable', () => this.disable(random.pick(SUBJECTS))]);
    if (family) {
      ways.push([7, 'refresh', () => this.refresh(family, Math.max(...family.refresh.keys()))]);
      ways.push([2, 'refresh twice', () => this.refreshTwice(family)]);
      ways.push([2, 'refresh with any', () => this.refresh(family, random.pick([...family.refresh.keys()]))]);
      ways.push([1, 'revoke refresh token', () => this.revoke(family, random.pick([...family.refresh.values()]), true)]);
      ways.push([0.5, 'revoke access token', () => this.revoke(family, random.pick(family.access), false)]);
      ways.push([7, 'introspect', () => this.introspect(family, random.pick(family.access))]);
    }
    let at = random.next() * ways.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, what, action] of ways) {
      at -= weight;
      if (at <= 0) return [what, action];
    }
    return ['nothing', () => Promise.resolve('')];
  }

  private async signIn(): Promise<string> {
    const { random } = this.ground.scheduler;
    const sub = random.pick(SUBJECTS);
    const { client_id } = random.pick(CLIENTS);
    const browser = this.signed.length > 0 && random.chance(0.4) ? random.pick(this.signed) : null;
    const offline = client_id !== 'viewer' && random.chance(0.15);
    const outcome = await this.ask<{ sid: string; cookie: string; code: string }>('auth', 'sign-in', {
      sub,
      client_id,
      cookie: browser?.cookie ?? null,
      offline,
    });
    if (outcome.kind !== 'ok') return told(outcome);
    const { sid, cookie, code } = outcome.value;
    const known = this.signed.find((other) => other.sid === sid);
    if (known) known.cookie = cookie;
    else this.signed.push({ sub, sid, cookie, confirmedEnd: false });
    this.codes.push({ code, client: client_id, sid, offline, given: 0 });
    return `${sub} as ${sid} for ${client_id}`;
  }

  private async exchange(code: Code): Promise<string> {
    const { watch } = this.ground;
    const endedBefore = watch.revocation('session', code.sid);
    const givenBefore = code.given;
    const form = { grant_type: 'authorization_code', client_id: code.client, code: code.code, redirect_uri: REDIRECT };
    const outcome = await this.ask<TokenAnswer>('token', 'token', form);
    if (outcome.kind !== 'ok') {
      if (outcome.kind === 'refused' && outcome.code === 'invalid_grant' && givenBefore > 0)
        this.mustBeRevoked(code, 'S7: a code was used again');
      return told(outcome);
    }
    code.given++;
    if (code.given > 1) watch.violate(`S7: a code of ${code.client} gave tokens twice`);
    if (endedBefore) watch.violate(`S2: a code became tokens after session ${code.sid} had ended`);
    const { access_token, refresh_token } = outcome.value;
    const { gid = '' } = watch.claimsOf(access_token);
    if (!code.offline) watch.holders.push({ sid: code.sid, client: code.client });
    const refresh = new Map<number, string>(refresh_token ? [[1, refresh_token]] : []);
    this.families.push({ client: code.client, sid: code.sid, offline: code.offline, gid, refresh, access: [access_token], revoked: false });
    return `grant ${gid}`;
  }

  private mustBeRevoked({ code, client }: Code, why: string): void {
    const { watch } = this.ground;
    const family = this.families.find(
      (other) => other.client === client && this.codes.some((of) => of.code === code && of.sid === other.sid && other.access.length > 0),
    );
    const grant = watch.seen.grants.find(({ gid }) => gid === family?.gid);
    const twins = this.codes.filter((of) => of.client === client && of.sid === family?.sid).length;
    if (grant && twins === 1 && grant.revoked === null) watch.violate(`${why}, and grant ${grant.gid} lives on`);
  }

  private async refresh(family: Family, presented: number): Promise<string> {
    const { watch, clock } = this.ground;
    const { gid, sid, client, offline } = family;
    const before = watch.seen.grants.find((grant) => grant.gid === gid);
    const current = before?.seq ?? 0;
    const ended = !offline && watch.revocation('session', sid) !== undefined;
    const late = before?.rotated != null && clock.database - before.rotated > SETTINGS.refresh_grace * 1_000;
    const outcome = await this.ask<TokenAnswer>('token', 'token', {
      grant_type: 'refresh_token',
      client_id: client,
      refresh_token: family.refresh.get(presented) ?? '',
    });
    if (outcome.kind !== 'ok') {
      if (outcome.kind === 'refused' && outcome.code === 'invalid_grant' && presented < current - 1)
        this.mustHaveDied(family, presented, current);
      return `${gid} #${presented} of ${current}: ${told(outcome)}`;
    }
    const { access_token, refresh_token = '' } = outcome.value;
    const next = (await this.ground.keys.decodeRefreshToken(refresh_token))?.seq ?? presented;
    family.access.push(access_token);
    const twin = family.refresh.get(next);
    if (twin !== undefined && twin !== refresh_token) watch.violate(`S6: refresh token ${presented} of ${gid} has two successors`);
    family.refresh.set(next, refresh_token);
    if (next !== presented + 1) watch.violate(`S6: refresh token ${presented} of ${gid} was answered with ${next}`);
    if (presented < current - 1) watch.violate(`S6: refresh token ${presented} of ${gid} was taken when ${current} was current`);
    if (client === 'viewer' && presented === current - 1 && late)
      watch.violate(`S6: refresh token ${presented} of ${gid} was taken after the grace`);
    if (ended) watch.violate(`S2: grant ${gid} was refreshed after session ${sid} had ended`);
    if (before?.revoked != null) watch.violate(`S11: grant ${gid} was refreshed after it was revoked as ${before.revoked}`);
    return `${gid} #${presented} → #${next}`;
  }

  /** Two at once with one token, and the next as soon as the first has it. */
  private async refreshTwice(family: Family): Promise<string> {
    const presented = Math.max(...family.refresh.keys());
    const both = [this.refresh(family, presented), this.refresh(family, presented)];
    await Promise.race(both);
    const next = await this.refresh(family, Math.max(...family.refresh.keys()));
    return [...(await Promise.all(both)), next].join('; ');
  }

  /** S6: whoever uses a superseded token gets the family revoked, unless something else refused first. */
  private mustHaveDied({ gid, sid, offline }: Family, presented: number, current: number): void {
    const { watch, clock } = this.ground;
    const grant = watch.seen.grants.find((other) => other.gid === gid);
    const session = watch.seen.sessions.find((other) => other.sid === sid);
    const refusedEarlier = !offline && (session?.state !== 'active' || session.due <= clock.database);
    const raised = watch.seen.subjects.some(({ sub, gen }) => sub === grant?.sub && gen > 0);
    if (grant?.revoked === null && !refusedEarlier && !raised)
      watch.violate(`S6: token ${presented} of ${gid} was replayed at ${current}, and the family lives on`);
  }

  private async revoke(family: Family, token: string, isRefresh: boolean): Promise<string> {
    const { watch } = this.ground;
    const outcome = await this.ask<void>('token', 'revoke', { client_id: family.client, token });
    if (outcome.kind !== 'ok') return told(outcome);
    const claims = isRefresh ? null : watch.claimsOf(token);
    const grant = watch.seen.grants.find(({ gid }) => gid === family.gid);
    const durable = claims
      ? watch.revocationsOf(claims).length > 0 || claims.exp * 1_000 <= this.ground.clock.database
      : grant?.revoked != null;
    if (!durable) watch.violate(`S11: a revocation of ${family.gid} was acknowledged, and is not committed`);
    if (isRefresh) family.revoked = true;
    return family.gid;
  }

  private async end(session: Signed): Promise<string> {
    const { watch } = this.ground;
    watch.asked.add(session.sid);
    const body = { sid: session.sid, reason: 'logout', initiated_by: 'user', actor: session.sub };
    const outcome = await this.ask<{ ended: boolean; confirmed: boolean }>('session', '/internal/sessions/end', body);
    if (outcome.kind !== 'ok') return told(outcome);
    if (!watch.revocation('session', session.sid)) watch.violate(`S11: the end of ${session.sid} was acknowledged, and is not committed`);
    if (outcome.value.confirmed) session.confirmedEnd = true;
    return `${session.sid}${outcome.value.confirmed ? ', confirmed' : ''}`;
  }

  private async disable(sub: string): Promise<string> {
    const disabled = !this.ground.watch.seen.subjects.some((subject) => subject.sub === sub && subject.disabled);
    const outcome = await this.ask<{ gen: number }>('auth', 'set-disabled', { sub, disabled });
    return `${sub} ${disabled ? 'off' : 'on'}: ${outcome.kind === 'ok' ? `generation ${outcome.value.gen}` : told(outcome)}`;
  }

  async introspect({ gid, sid, offline }: Family, token: string): Promise<string> {
    const confirmed = !offline && this.signed.some((session) => session.sid === sid && session.confirmedEnd);
    const outcome = await this.ask<{ active: boolean }>('introspect', 'introspect', { token });
    if (outcome.kind !== 'ok') return told(outcome);
    const { active } = outcome.value;
    if (active && confirmed) this.ground.watch.violate(`S1: a token of ${sid} is active for a request sent after the end was confirmed`);
    return `${gid} is ${active ? 'active' : 'inactive'}`;
  }

  /** When all is calm: what is revoked is refused everywhere, and what is owed has been told. */
  async settleAccounts(drain: () => Promise<void>): Promise<void> {
    const { watch } = this.ground;
    for (const { state, client, sid } of watch.seen.deliveries) {
      if (state !== (client === 'viewer' ? 'not_applicable' : 'delivered'))
        watch.violate(`L3: the notice of ${sid} to ${client} is ${state}`);
    }
    for (const { number, source, name, key } of watch.seen.outbox) {
      if (number === null) watch.violate(`L1: ${name} ${key} of ${source} was never numbered`);
    }
    for (const { gid, mode, sid, revoked } of watch.seen.grants) {
      if (mode !== 'offline' && revoked === null && watch.revocation('session', sid))
        watch.violate(`L1: grant ${gid} outlived session ${sid}`);
    }
    for (const family of this.families) void this.settle(family);
    await drain();
  }

  private async settle({ client, sid, offline, gid, refresh, access }: Family): Promise<void> {
    const { watch, clock } = this.ground;
    for (const token of access) {
      const claims = watch.claimsOf(token);
      const dead = watch.revocationsOf(claims).length > 0 || claims.exp * 1_000 <= clock.database;
      const outcome = await this.ask<{ active: boolean }>('introspect', 'introspect', { token });
      if (outcome.kind !== 'ok') watch.violate(`L2: when all is calm, introspection answers ${told(outcome)}`);
      else if (outcome.value.active === dead) watch.violate(`S2: when all is calm, a token of ${gid} is ${dead ? 'active' : 'inactive'}`);
    }
    if (offline || !watch.revocation('session', sid) || refresh.size === 0) return;
    const form = { grant_type: 'refresh_token', client_id: client, refresh_token: refresh.get(Math.max(...refresh.keys())) ?? '' };
    const outcome = await this.ask<TokenAnswer>('token', 'token', form);
    if (outcome.kind !== 'refused')
      watch.violate(`S2: when all is calm, grant ${gid} of the ended session ${sid} answers ${told(outcome)}`);
  }

  private async ask<T>(to: string, path: string, body: object): Promise<Outcome<T>> {
    const handle = async ({ handlers }: Host) => (await handlers.get(path)?.(body as never, 'auth')) as T;
    try {
      return {
        kind: 'ok',
        value: await this.ground.network.ask({ from: this.world, to, what: path, timeoutMs: PATIENCE_MS, idempotent: false, handle }),
      };
    } catch (error) {
      if (error instanceof NoAnswer) return { kind: 'unknown' };
      const { status, code } = problemOf(error);
      return status >= 500 ? { kind: 'unknown' } : { kind: 'refused', code };
    }
  }
}

function told(outcome: Outcome<unknown>): string {
  return outcome.kind === 'refused' ? outcome.code : outcome.kind;
}
