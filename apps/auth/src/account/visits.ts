import type { FastifyReply, FastifyRequest } from 'fastify';
import { sessionApi } from '#libs/contracts';
import type { InternalClient, Parameters } from '#libs/http';
import type { FormGuard } from '../cookies/form-guard.js';
import type { CurrentSession, LiveSession } from '../interaction/current-session.js';

/** A person who is signed in and looks at their account. */
export interface Visit extends LiveSession {
  readonly browser: string;
  /** For every form of the account: good in this browser and this session only (SECURITY, CSRF). */
  readonly csrf: string;
}

const PURPOSE = 'account';

export class Visits {
  constructor(
    private readonly sessions: CurrentSession,
    private readonly guard: FormGuard,
    private readonly internal: InternalClient,
  ) {}

  /** null: nobody is signed in. Being here is activity (ASVS 7.3.1). */
  async of(request: FastifyRequest, reply: FastifyReply): Promise<Visit | null> {
    const live = await this.sessions.of(request);
    if (!live) return null;
    const { sid } = live.view;
    if (live.touchDue && !(await this.internal.call(sessionApi.touch, { sid })).alive) return null;
    return this.in(live, request, reply);
  }

  /** The same browser in the session as it is after a login. */
  in(live: LiveSession, request: FastifyRequest, reply: FastifyReply): Visit {
    const browser = this.guard.ensureBrowser(request, reply);
    return { ...live, browser, csrf: this.guard.tokenFor(PURPOSE, live.view.sid, browser) };
  }

  /** Refuses what was not sent from a form of this visit. */
  check(visit: Visit, form: Parameters, request: FastifyRequest): void {
    this.guard.check(request, form, PURPOSE, visit.view.sid);
  }
}
