import { Injectable } from '@nestjs/common';
import type { RequestOf, ResponseOf, sessionApi } from '#libs/contracts';
import { Database, Pepper, randomId, type Tx } from '#libs/database';
import { Relay } from '#libs/event-log';
import { recordAudit } from '../audit/record-audit.js';
import { AfterEnd } from './after-end.js';
import { endBeyondLimit } from './end-beyond-limit.js';
import { type EndCause, type EndedBatch, EndPorts, endSessions } from './end-sessions.js';
import { Lifetimes } from './lifetimes.js';
import { insertSession, type Opening, renewSession } from './open-session.store.js';
import { type JudgedSession, judge, lockActive } from './session.store.js';
import { cookieMac, newCookie } from './session-cookie.js';
import { StaleGeneration } from './stale-generation.js';
import { claimGeneration } from './subject-generation.store.js';

export type StartRequest = RequestOf<typeof sessionApi.start>;
export type StartAnswer = ResponseOf<typeof sessionApi.start>;

interface Started {
  opened: JudgedSession['session'];
  db_time: number;
  ended_sid: string | null;
  ended: EndedBatch | null;
}

/** A successful login becomes a session: the browser's present one renewed, or a new one, with whatever it replaces ended. */
@Injectable()
export class StartSession {
  constructor(
    private readonly db: Database,
    private readonly ports: EndPorts,
    private readonly lifetimes: Lifetimes,
    private readonly pepper: Pepper,
    private readonly afterEnd: AfterEnd,
    private readonly relay: Relay,
  ) {}

  async start(request: StartRequest): Promise<StartAnswer> {
    const cookie = newCookie(this.pepper);
    const lifetime = this.lifetimes.of(request.remember);
    const opening: Opening = { ...request, sid: randomId(), cookie_mac: cookie.mac, lifetime };
    const started = await this.db.transaction((tx) => this.write(tx, request, opening));
    await this.ports.checkpoints.reach('session.start.after-commit');
    this.relay.nudge();
    if (started.ended && started.ended.entries.length > 0) await this.afterEnd.announce(started.ended.entries, started.ended.sessions);
    const { opened: session, db_time, ended_sid } = started;
    return { session, cookie: cookie.value, cookie_max_age: this.lifetimes.cookieMaxAge(request.remember), ended_sid, db_time };
  }

  private async write(tx: Tx, request: StartRequest, opening: Opening): Promise<Started> {
    const known = await claimGeneration(tx, request.sub, request.subject_gen);
    if (known > request.subject_gen) throw new StaleGeneration(request.sub, request.subject_gen, known);
    await this.ports.checkpoints.reach('session.start.after-generation');
    const present = await this.holdPresent(tx, request.cookie);
    if (present && renewable(present, request)) return this.renew(tx, { ...opening, sid: present.session.sid });
    const replaced = present ? await endSessions(tx, this.ports, [present.session.sid], causeOf(present, request)) : null;
    await this.ports.checkpoints.reach('session.start.after-replaced');
    const beyond = await endBeyondLimit(tx, this.ports, request.sub, this.lifetimes.perUser);
    await this.open(tx, opening);
    const ended = {
      sessions: [...(replaced?.sessions ?? []), ...beyond.sessions],
      entries: [...(replaced?.entries ?? []), ...beyond.entries],
    };
    return { ...(await reread(tx, opening.sid)), ended_sid: replaced?.sessions[0]?.sid ?? null, ended };
  }

  /**
   * The race: two logins with one cookie. The second waits here; by then the cookie is another or the session has ended, so it finds
   * nothing and starts a session of its own. It can't take over the first one's.
   */
  private async holdPresent(tx: Tx, cookie: string | null): Promise<JudgedSession | null> {
    const mac = cookie === null ? null : cookieMac(this.pepper, cookie);
    const sid = mac === null ? null : await lockActive(tx, 'cookie_mac', mac, 'update');
    return sid === null ? null : (await judge(tx, 'sid', sid)).found;
  }

  private async renew(tx: Tx, opening: Opening): Promise<Started> {
    await renewSession(tx, opening);
    const { sid, sub: actor, remember, amr } = opening;
    await recordAudit(tx, [{ actor, action: 'session.reauthenticated', target: sid, reason: null, details: { remember, amr } }]);
    return { ...(await reread(tx, sid)), ended_sid: null, ended: null };
  }

  private async open(tx: Tx, opening: Opening): Promise<void> {
    const { sid, sub, remember, amr } = opening;
    await insertSession(tx, opening);
    await this.ports.checkpoints.reach('session.start.after-row');
    const { opened } = await reread(tx, sid);
    await this.ports.outbox.add(tx, { events: [{ name: 'SessionStarted', payload: { sid, sub, remember, auth_time: opened.auth_time } }] });
    await recordAudit(tx, [{ actor: sub, action: 'session.started', target: sid, reason: null, details: { remember, amr } }]);
    await this.ports.checkpoints.reach('session.start.before-commit');
  }
}

/** The sid stays only for the same user as it is known today: a session that a newer generation is about to end is not carried over. */
function renewable(present: JudgedSession, request: StartRequest): boolean {
  return present.alive && present.session.sub === request.sub && present.session.subject_gen === request.subject_gen;
}

function causeOf(present: JudgedSession, request: StartRequest): EndCause {
  if (present.session.sub === request.sub) return { reason: 'subject_revoked', initiated_by: 'policy', actor: null };
  return { reason: 'user_switch', initiated_by: 'user', actor: request.sub };
}

async function reread(tx: Tx, sid: string): Promise<{ opened: JudgedSession['session']; db_time: number }> {
  const { found, db_time } = await judge(tx, 'sid', sid);
  if (!found) throw new Error('the session just written is not there');
  return { opened: found.session, db_time };
}
