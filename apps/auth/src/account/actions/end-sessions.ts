import { sessionApi } from '#libs/contracts';
import type { InternalClient, Parameters } from '#libs/http';
import type { Notices } from '../notice.js';
import type { Visit } from '../visits.js';
import type { AccountAction, Done } from './action.js';

interface Parts {
  readonly internal: InternalClient;
  readonly notices: Notices;
}

const BY_USER = { reason: 'logout', initiated_by: 'user' } as const;

/** The session that the form is on. */
export class SignOut implements AccountAction {
  readonly path = '/sign-out';
  readonly page = 'overview';
  readonly what = 'Sign out';
  readonly fields = [];

  constructor(private readonly parts: Parts) {}

  reauthenticates(): boolean {
    return false;
  }

  async carryOut(visit: Visit): Promise<Done> {
    return endHere(this.parts, visit);
  }
}

/** One of the person's sessions. A sid of somebody else is as good as one that is gone. */
export class EndOne implements AccountAction {
  readonly path = '/sessions/end';
  readonly page = 'sessions';
  readonly what = 'Sign out on that device';
  readonly fields = ['sid'];

  constructor(private readonly parts: Parts) {}

  reauthenticates(visit: Visit, form: Parameters): boolean {
    return form.get('sid') !== visit.view.sid;
  }

  async carryOut(visit: Visit, form: Parameters): Promise<Done> {
    const { internal } = this.parts;
    const sid = form.get('sid');
    if (sid === visit.view.sid) return endHere(this.parts, visit);
    const gone: Done = { notice: { name: 'session-gone', confirmed: true } };
    if (sid === undefined || sid.length > 255) return gone;
    const truth = await internal.call(sessionApi.truth, { sid });
    if (!truth.alive || truth.session.sub !== visit.user.sub) return gone;
    const { ended, confirmed } = await internal.call(sessionApi.end, { sid, ...BY_USER, actor: visit.user.sub });
    return { notice: { name: ended ? 'session-ended' : 'session-gone', confirmed } };
  }
}

export class EndOthers implements AccountAction {
  readonly path = '/sessions/end-others';
  readonly page = 'sessions';
  readonly what = 'Sign out on all other devices';
  readonly fields = [];

  constructor(private readonly parts: Parts) {}

  reauthenticates(): boolean {
    return true;
  }

  async carryOut({ user, view }: Visit): Promise<Done> {
    const request = { sub: user.sub, except_sid: view.sid, ...BY_USER, actor: user.sub };
    const { sids, confirmed } = await this.parts.internal.call(sessionApi.endAll, request);
    return { notice: { name: sids.length > 0 ? 'others-ended' : 'no-others', confirmed } };
  }
}

export class EndAll implements AccountAction {
  readonly path = '/sessions/end-all';
  readonly page = 'sessions';
  readonly what = 'Sign out everywhere';
  readonly fields = [];

  constructor(private readonly parts: Parts) {}

  reauthenticates(): boolean {
    return true;
  }

  async carryOut({ user }: Visit): Promise<Done> {
    const { internal, notices } = this.parts;
    const { confirmed } = await internal.call(sessionApi.endAll, { sub: user.sub, except_sid: null, ...BY_USER, actor: user.sub });
    const told = 'All your sessions have ended, here and on every other device, and the applications you used in them are being told.';
    return { signedOut: confirmed ? told : `${told} ${notices.soon()}` };
  }
}

async function endHere({ internal, notices }: Parts, { view, user }: Visit): Promise<Done> {
  const { confirmed } = await internal.call(sessionApi.end, { sid: view.sid, ...BY_USER, actor: user.sub });
  const told = 'Your session here has ended, and the applications you used in it are being told.';
  return { signedOut: confirmed ? told : `${told} ${notices.soon()}` };
}
