import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Parameters } from '#libs/http';
import { failureAnswer, failureMessage } from '../interaction/login-failure.js';
import { seeOther } from '../pages/send-page.js';
import type { ChangePassword } from '../users/change-password.js';
import { passwordProblem } from '../users/password-rules.js';
import { type ActParts, WRONG_PASSWORD } from './act.endpoint.js';
import { noticeLine } from './views/form.js';
import { passwordPage } from './views/password-page.js';
import { signedOutHere } from './views/prompt-pages.js';
import type { Visit } from './visits.js';

type Parts = Omit<ActParts, 'reauthAfterS' | 'log'> & { readonly changePassword: ChangePassword };

const STOPPED = 'Applications that keep access when you are not here have lost it until you use them again.';
const AT = { page: 'password' } as const;

/**
 * The password is the proof, however young the login. Typing it is a login (a new cookie: whoever copied the old one is out), and the new
 * password ends everything but this session, if it is to stay (docs/decisions 0013).
 */
export class ChangePasswordEndpoint {
  constructor(private readonly parts: Parts) {}

  show(visit: Visit, notice: string | null, reply: FastifyReply): void {
    this.page(visit, { notice, error: null, stay: true }, reply);
  }

  async change(form: Parameters, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { visits, addresses, login, changePassword } = this.parts;
    // 1. Who, and from our form?
    const visit = await visits.of(request, reply);
    if (!visit) return seeOther(reply, addresses.signIn('password'));
    visits.check(visit, form, request);
    const stay = form.get('stay') === 'yes';
    const again = (error: string, answer: { status: number; headers?: Record<string, string> } = { status: 400 }) =>
      this.page(visit, { notice: null, error, stay, ...answer }, reply);
    // 2. Is the new one fit to be one? Costs no attempt.
    const [present, fresh] = [form.get('password') ?? '', form.get('new_password') ?? ''];
    const problem = newPasswordProblem(form, visit.user.username);
    if (problem) return again(problem);
    // 3. Is the present one right?
    const result = await login.again(visit, present, request, reply);
    if (result.outcome !== 'signed in') return again(failureMessage(result, WRONG_PASSWORD), failureAnswer(result));
    // 4. Change it, and with it end what came in by the old one.
    const keepSid = stay ? result.session.sid : null;
    const outcome = await changePassword.byUser({ proven: result.user, password: fresh, keepSid });
    if (!outcome)
      return again('Your account was changed in the meantime. Nothing was done; please look at it and try again.', { status: 409 });
    this.finish(
      visits.in({ ...visit, view: result.session, user: result.user }, request, reply),
      keepSid !== null,
      outcome.confirmed,
      reply,
    );
  }

  private finish(visit: Visit, stays: boolean, confirmed: boolean, reply: FastifyReply): void {
    const { addresses, notices, cookies, frame } = this.parts;
    const notice = { name: 'password-changed', confirmed } as const;
    if (stays) {
      seeOther(reply, `${addresses.of('password')}?${notices.query(visit, notice)}`);
    } else {
      cookies.clear(reply, 'session');
      const told = `Your password is changed. You are signed out here and on every other device.${confirmed ? '' : ` ${notices.soon()}`}`;
      frame.sendBare(reply, 'You are signed out', signedOutHere(addresses.signIn('overview'), told, STOPPED));
    }
  }

  private page(
    visit: Visit,
    shown: { notice: string | null; error: string | null; stay: boolean; status?: number; headers?: Record<string, string> },
    reply: FastifyReply,
  ): void {
    const { frame, addresses } = this.parts;
    const { notice, error, stay, ...answer } = shown;
    const form = { csrf: visit.csrf, action: addresses.action('/password'), username: visit.user.username };
    const body = passwordPage({ ...form, notice: noticeLine(notice), error, stay });
    frame.send(reply, visit, { ...AT, body, ...(error ? { title: 'Your password: please check' } : {}), ...answer });
  }
}

function newPasswordProblem(form: Parameters, username: string): string | null {
  const [present, fresh, repeated] = [form.get('password'), form.get('new_password'), form.get('new_password_again')];
  if (present === undefined || fresh === undefined) return 'Please fill in all three fields.';
  if (fresh !== repeated) return 'The new password and its repetition are not the same.';
  if (fresh === present) return 'The new password is the present one.';
  return passwordProblem(fresh, username);
}
