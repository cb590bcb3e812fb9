import type { EndReason, RevocationEntry } from '#libs/contracts';
import { type Database, Pepper } from '#libs/database';
import { Outbox, Relay } from '#libs/event-log';
import { Log } from '#libs/http';
import { CheckpointGate, createTestDatabase, type TestDatabase, TimeMachine, until } from '#libs/testing';
import type { DeliveryLoop } from '../src/backchannel/delivery-loop.js';
import { openSessionDatabase } from '../src/database.js';
import { AfterEnd } from '../src/sessions/after-end.js';
import { EndSession } from '../src/sessions/end-session.js';
import { type EndCause, EndPorts } from '../src/sessions/end-sessions.js';
import { type LifetimeSettings, Lifetimes } from '../src/sessions/lifetimes.js';
import { type StartAnswer, type StartRequest, StartSession } from '../src/sessions/start-session.js';
import { TouchSession } from '../src/sessions/touch-session.js';
import { Truth } from '../src/sessions/truth.js';

export const SETTINGS: LifetimeSettings = { session_idle: 1800, session_max: 36_000, remember_idle: 1_209_600, remember_max: 7_776_000 };

/** The session service's own parts on a real Postgres, without its HTTP: every statement and lock is the real one. */
export class SessionWorld {
  readonly gate = new CheckpointGate();
  readonly hinted: RevocationEntry[][] = [];
  /** What the views answer. */
  confirmed = true;
  readonly ports: EndPorts;
  readonly afterEnd: AfterEnd;
  readonly lifetimes: Lifetimes;
  readonly starts: StartSession;
  readonly truth: Truth;
  readonly touches: TouchSession;
  readonly ends: EndSession;
  readonly relay: Relay;
  deliveryNudges = 0;

  private constructor(
    readonly database: TestDatabase,
    readonly db: Database,
    readonly time: TimeMachine,
    settings: LifetimeSettings,
  ) {
    const { gate } = this;
    const pepper = new Pepper('a pepper of at least thirty-two bytes, for tests');
    this.relay = new Relay(db, 'session');
    this.lifetimes = new Lifetimes(settings);
    this.ports = new EndPorts(new Outbox('session'), gate);
    const loop = { nudge: () => void this.deliveryNudges++ } as DeliveryLoop;
    const confirm = (entries: RevocationEntry[]) => Promise.resolve(this.hinted.push(entries) > 0 && this.confirmed);
    this.afterEnd = new AfterEnd(this.relay, loop, { confirm }, gate, Log.open({ level: 'silent', service: 'session' }));
    this.starts = new StartSession(db, this.ports, this.lifetimes, pepper, this.afterEnd, this.relay);
    this.truth = new Truth(db, this.lifetimes, pepper, gate);
    this.touches = new TouchSession(db, this.lifetimes, this.truth, gate);
    this.ends = new EndSession(db, this.ports, this.afterEnd);
  }

  static async open(settings: LifetimeSettings = SETTINGS): Promise<SessionWorld> {
    const database = await createTestDatabase();
    const db = await openSessionDatabase(database.url('lanyard_session'), 'test');
    return new SessionWorld(database, db, new TimeMachine(database), settings);
  }

  async close(): Promise<void> {
    this.gate.releaseAll();
    await this.db.close();
    await this.database.drop();
  }

  /** Between tests: nothing held, the real clock, empty tables. */
  async reset(): Promise<void> {
    this.gate.releaseAll();
    this.hinted.length = 0;
    this.confirmed = true;
    await this.time.reset();
    await this.database.query(
      'TRUNCATE session.session, session.subject_generation, session.view, session.outbox, session.handled_event CASCADE',
    );
  }

  signIn(request: Partial<StartRequest> = {}): Promise<StartAnswer> {
    return this.starts.start({
      sub: 'jane',
      subject_gen: 1,
      remember: false,
      amr: ['pwd'],
      acr: null,
      cookie: null,
      ip: '192.0.2.7',
      user_agent: 'a browser',
      ...request,
    });
  }

  end(sid: string, reason: EndReason = 'logout') {
    return this.ends.end(sid, causeFor(reason));
  }

  async deadline(sid: string): Promise<number> {
    const [row] = await this.rows<{ at: string }>('SELECT lanyard.ms(idle_deadline) AS at FROM session.session WHERE sid = $1', [sid]);
    return Number(row?.at);
  }

  async events(name: string): Promise<Record<string, unknown>[]> {
    const rows = await this.rows<{ body: Record<string, unknown> }>(
      "SELECT body FROM session.outbox WHERE stream = 'events' AND name = $1 ORDER BY row_id",
      [name],
    );
    return rows.map(({ body }) => body);
  }

  async entries(): Promise<string[]> {
    const rows = await this.rows<{ key: string }>("SELECT key FROM session.outbox WHERE stream = 'revocations' ORDER BY row_id");
    return rows.map(({ key }) => key);
  }

  rows<R extends Record<string, unknown>>(text: string, params: readonly unknown[] = []): Promise<R[]> {
    return this.database.query<R>(text, params);
  }

  /** Resolves when `count` backends wait for a lock in this database: an interleaving is reached, not slept for. */
  async waitingForLocks(count = 1): Promise<void> {
    const waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    await until(async () => (await this.rows(waiting)).length >= count, { everyMs: 2, what: `${count} waiting for a lock` });
  }
}

export function causeFor(reason: EndReason): EndCause {
  return { reason, initiated_by: 'user', actor: 'jane' };
}
