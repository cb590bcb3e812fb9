import type { FastifyRequest } from 'fastify';
import { type SessionView, sessionApi } from '#libs/contracts';
import type { InternalClient } from '#libs/http';
import type { Cookies } from '../cookies/cookies.js';
import type { User } from '../users/user.js';
import type { UserStore } from '../users/users.store.js';

export interface LiveSession {
  readonly view: SessionView;
  /** Database time of the truth. */
  readonly now: number;
  readonly user: User;
  /** Whether activity now would move its idle deadline. */
  readonly touchDue: boolean;
}

/** The browser's session by truth, never by what we remember. No answer from the session service is no session: it throws. */
export class CurrentSession {
  constructor(
    private readonly cookies: Cookies,
    private readonly internal: InternalClient,
    private readonly users: UserStore,
  ) {}

  /**
   * Single sign-on. A session whose subject was disabled or revoked is none, also in the moment before the cascade has ended it
   * (race 17; CVE-2026-1609: a disabled user on a second path).
   */
  async of(request: FastifyRequest): Promise<LiveSession | null> {
    const truth = await this.truth(request);
    if (!truth?.alive) return null;
    const user = await this.users.get(truth.session.sub);
    if (!user || user.disabled || user.gen !== truth.session.subject_gen) return null;
    return { view: truth.session, now: truth.db_time, user, touchDue: truth.touch_due };
  }

  /** For logout: whatever is alive may be ended, whoever it belongs to. */
  async truth(request: FastifyRequest) {
    const cookie = this.cookies.read(request, 'session');
    return cookie === null ? null : this.internal.call(sessionApi.byCookie, { cookie });
  }
}
