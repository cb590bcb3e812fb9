/** The provider settings that a session's life depends on, in seconds. A client can't override them: its sessions are every client's. */
export interface LifetimeSettings {
  session_idle: number;
  session_max: number;
  remember_idle: number;
  remember_max: number;
  max_sessions_per_user?: number;
}

export interface Lifetime {
  idle: number;
  max: number;
}

const SEVEN_DAYS = 7 * 86_400;
const COARSEST_TOUCH = 30;

/** How long sessions live, how many a user may have, and how finely their activity is recorded. Pure: SQL and rows are handed these numbers. */
export class Lifetimes {
  readonly plain: Lifetime;
  readonly remembered: Lifetime;
  /** Sessions a user may have at once; 0: as many as they like. */
  readonly perUser: number;

  constructor(settings: LifetimeSettings) {
    this.plain = { idle: settings.session_idle, max: settings.session_max };
    this.perUser = settings.max_sessions_per_user ?? 0;
    this.remembered = { idle: settings.remember_idle, max: settings.remember_max };
  }

  of(remember: boolean): Lifetime {
    return remember ? this.remembered : this.plain;
  }

  /** A touch that would move the deadline by less is skipped: a session may end that much early, never late (DESIGN, Idle). */
  touchStep(remember: boolean): number {
    return Math.min(COARSEST_TOUCH, this.of(remember).idle / 60);
  }

  /** Milliseconds in, because the row is read in them. */
  touchDue(session: { remember: boolean; idle_deadline: number; absolute_deadline: number }, now: number): boolean {
    const moved = Math.min(now + this.of(session.remember).idle * 1000, session.absolute_deadline) - session.idle_deadline;
    return moved > 0 && moved >= this.touchStep(session.remember) * 1000;
  }

  /** null = a cookie of the browser session. A remembered one lasts as long as the session can, at most. */
  cookieMaxAge(remember: boolean): number | null {
    return remember ? this.remembered.max : null;
  }

  /** How long an ended row is kept: nothing that names its sid can still be presented as alive afterwards. */
  get retention(): number {
    return Math.max(this.plain.max, this.remembered.max) + SEVEN_DAYS;
  }
}
