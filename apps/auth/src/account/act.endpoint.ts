import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Log, type Parameters, problemOf } from '#libs/http';
import { OAuthError } from '#libs/protocol';
import type { Cookies } from '../cookies/cookies.js';
import type { Login } from '../interaction/login.js';
import { failureAnswer, failureMessage } from '../interaction/login-failure.js';
import { seeOther } from '../pages/send-page.js';
import type { AccountAddresses } from './account-page.js';
import type { AccountAction, Done } from './actions/action.js';
import type { Frame } from './frame.js';
import type { Notices } from './notice.js';
import { confirmItIsYou, notDone, type Repeated, signedOutHere } from './views/prompt-pages.js';
import type { Visit, Visits } from './visits.js';

export interface ActParts {
  readonly addresses: AccountAddresses;
  readonly visits: Visits;
  readonly login: Login;
  readonly cookies: Cookies;
  readonly frame: Frame;
  readonly notices: Notices;
  readonly reauthAfterS: number;
  readonly log: Log;
}

const GOES_ON = 'Permissions you gave for the time when you are not here go on. You find them under “Applications” of your account.';

/** A wrong password here says only that: who it is about is known. */
export const WRONG_PASSWORD = 'The password is not right.';

/** POST: every action of the account takes these steps, in this order. */
export class ActEndpoint {
  constructor(private readonly parts: ActParts) {}

  async handle(action: AccountAction, form: Parameters, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { visits, addresses, frame, log } = this.parts;
    // 1. Who? Nothing is kept for somebody who is not signed in any more.
    const visit = await visits.of(request, reply);
    if (!visit) return seeOther(reply, addresses.signIn(action.page));
    // 2. From a form of ours, shown to this person in this browser?
    visits.check(visit, form, request);
    const repeated = this.repeated(action, visit, form);
    try {
      // 3. Is the login young enough, or is it proven now?
      const proven = await this.prove(action, visit, form, request, reply);
      if (!proven) return;
      // 4. Do it, and only then say so.
      this.finish(action, proven, await action.carryOut(proven, form), reply);
    } catch (error) {
      const problem = problemOf(error);
      if (error instanceof OAuthError && problem.status < 500) throw error;
      log.warn(
        'not carried out',
        { action: action.path, status: problem.status, detail: problem.detail },
        problem.unexpected ? error : undefined,
      );
      const headers = { 'retry-after': problem.headers['retry-after'] ?? '2' };
      frame.send(reply, visit, { page: action.page, title: 'Not done yet', status: 503, headers, body: notDone(repeated) });
    }
  }

  /** null: the page that asks is sent. A password that was sent is judged, needed or not. */
  private async prove(
    action: AccountAction,
    visit: Visit,
    form: Parameters,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Visit | null> {
    const { login, visits, frame, reauthAfterS } = this.parts;
    const password = form.get('password');
    if (password !== undefined) {
      const result = await login.again(visit, password, request, reply);
      if (result.outcome === 'signed in') return visits.in({ ...visit, view: result.session, user: result.user }, request, reply);
      const body = confirmItIsYou(this.repeated(action, visit, form), visit.user.username, failureMessage(result, WRONG_PASSWORD));
      frame.send(reply, visit, { page: action.page, title: 'Please check your password', body, ...failureAnswer(result) });
      return null;
    }
    if (!action.reauthenticates(visit, form) || visit.now - visit.view.auth_time <= reauthAfterS * 1_000) return visit;
    const body = confirmItIsYou(this.repeated(action, visit, form), visit.user.username, null);
    frame.send(reply, visit, { page: action.page, title: 'Please confirm that it is you', body });
    return null;
  }

  private finish({ page }: AccountAction, visit: Visit, done: Done, reply: FastifyReply): void {
    const { addresses, notices, cookies, frame } = this.parts;
    if ('notice' in done) {
      seeOther(reply, `${addresses.of(page)}?${notices.query(visit, done.notice)}`);
    } else {
      cookies.clear(reply, 'session');
      frame.sendBare(reply, 'You are signed out', signedOutHere(addresses.signIn('overview'), done.signedOut, GOES_ON));
    }
  }

  private repeated(action: AccountAction, visit: Visit, form: Parameters): Repeated {
    const { addresses } = this.parts;
    const fields = Object.fromEntries(action.fields.map((name) => [name, form.get(name) ?? '']));
    return { action: addresses.action(action.path), csrf: visit.csrf, fields, what: action.what, back: addresses.of(action.page) };
  }
}
