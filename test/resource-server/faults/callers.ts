import { setTimeout as pause } from 'node:timers/promises';
import { sessionApi } from '#libs/contracts';
import { until } from '#libs/testing';
import { QuickSessions, type Stand } from '../../numbers/quick-sessions.js';
import type { Asked, Broken, End, Held, History } from './answers-history.js';
import { type Api, isOurs } from './apis.js';

/** Under way at each API at any time: one that hangs must not stop the others. */
const CALLERS = 4;
/** Between two calls of a caller: a hundred and some calls a second at each API, and a processor left for the services. */
const PAUSE_MS = 25;
const SCOPES = [
  ['openid', 'photos:read', 'online_access'],
  ['openid', 'prints:order', 'online_access'],
];
const FORMS = ['opaque', 'jwt'] as const;
const PATIENCE_MS = 40_000;

interface Shown extends Held {
  readonly form: Api['form'];
  readonly header: string;
}

/** Everybody who calls the APIs, without a pause, from the first token to the last proof; who ends the sessions; and what all of them saw. */
export class Callers {
  private readonly shown: Shown[] = [];
  private readonly asked: Asked[] = [];
  private readonly ends: End[] = [];
  private readonly broken: Broken[] = [];
  private readonly calling: Promise<unknown>;
  private stopped = false;

  private constructor(
    private readonly stand: Stand,
    private readonly sessions: QuickSessions,
    private readonly apis: readonly Api[],
  ) {
    this.calling = Promise.all(apis.flatMap((api) => Array.from({ length: CALLERS }, (_, n) => this.callsOn(api, n))));
  }

  static async begin(stand: Stand, apis: readonly Api[]): Promise<Callers> {
    return new Callers(stand, await QuickSessions.of(stand), apis);
  }

  /** A session with a token of each form, from now on shown to every API that it is for; resolved when each of them has accepted it. */
  async session(): Promise<string> {
    const { sid, accessTokens } = await this.sessions.startWith(SCOPES);
    const first = this.shown.length;
    for (const [n, text] of accessTokens.entries()) {
      const form = FORMS[n] ?? 'opaque';
      const at = this.apis.filter((api) => api.form === form).map(({ name }) => name);
      this.shown.push({ token: first + n, sid, form, at, header: `Bearer ${text}` });
    }
    await this.seen('accepted', performance.now(), `${sid} is accepted everywhere`, ({ sid: whose }) => whose === sid);
    return sid;
  }

  /** One attempt; false: it was not acknowledged. */
  async end(sid: string): Promise<boolean> {
    const calledAt = performance.now();
    const request = { sid, reason: 'admin', initiated_by: 'admin', actor: null } as const;
    const acknowledgedAt = await this.stand.call('auth', sessionApi.end, request).then(
      () => performance.now(),
      () => null,
    );
    this.ends.push({ sid, calledAt, acknowledgedAt });
    return acknowledgedAt !== null;
  }

  /** Each token that nobody tried to end has been accepted, by each of its APIs, in a call of after now. */
  async alive(): Promise<void> {
    const tried = new Set(this.ends.map(({ sid }) => sid));
    await this.seen('accepted', performance.now(), 'all that lives is accepted everywhere', ({ sid }) => !tried.has(sid));
  }

  /** Each token of a session that was acknowledged to have ended has been refused, by each of its APIs, in a call of after now. */
  async dead(): Promise<void> {
    const over = new Set(this.ends.filter(({ acknowledgedAt }) => acknowledgedAt !== null).map(({ sid }) => sid));
    await this.seen('refused', performance.now(), 'all that ended is refused everywhere', ({ sid }) => over.has(sid));
  }

  /** Of a call that was begun after `since`, at each of these. */
  async said(outcome: Asked['outcome'], apis: readonly string[], since: number): Promise<void> {
    const lacking = () => apis.filter((name) => !this.recent(since).some((one) => one.at === name && one.outcome === outcome));
    await until(() => lacking().length === 0, { timeoutMs: PATIENCE_MS, what: `${outcome} by ${apis.join('; ')}` });
  }

  record(broken: Broken): void {
    this.broken.push(broken);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.calling;
  }

  history(boundMs: number, healedAt: number): History {
    const held = this.shown.map(({ token, sid, at }) => ({ token, sid, at }));
    return { boundMs, healedAt, held, asked: this.asked, ends: this.ends, broken: this.broken };
  }

  private async seen(outcome: Asked['outcome'], since: number, what: string, isMeant: (token: Held) => boolean): Promise<void> {
    const wanted = this.shown.filter(isMeant).flatMap(({ token, at }) => at.filter(isOurs).map((name) => `${token} ${name}`));
    const lacking = () => {
      const done = new Set(this.recent(since).flatMap((one) => (one.outcome === outcome ? [`${one.token} ${one.at}`] : [])));
      return wanted.filter((each) => !done.has(each));
    };
    await until(() => lacking().length === 0, { timeoutMs: PATIENCE_MS, what });
  }

  private recent(since: number): Asked[] {
    const first = this.asked.findLastIndex(({ answeredAt }) => answeredAt <= since);
    return this.asked.slice(first + 1).filter(({ begunAt }) => begunAt > since);
  }

  private async callsOn(api: Api, caller: number): Promise<void> {
    for (let n = caller; !this.stopped; n++) {
      const mine = this.shown.filter(({ form }) => form === api.form);
      // The sessions of the moment at every other call, so that each change is seen soon; all of them in between.
      const among = n % 2 === 0 ? mine.slice(-5) : mine;
      const next = among[(n >> 1) % among.length];
      if (next) await this.call(api, next);
      await pause(PAUSE_MS);
    }
  }

  private async call(api: Api, { token, sid, header }: Shown): Promise<void> {
    const begunAt = performance.now();
    const outcome = await api.verify(header);
    this.asked.push({ at: api.name, token, sid, begunAt, answeredAt: performance.now(), outcome });
  }
}
