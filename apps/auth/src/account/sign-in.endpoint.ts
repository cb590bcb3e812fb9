import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Parameters } from '#libs/http';
import type { FormGuard } from '../cookies/form-guard.js';
import type { Login, LoginFailure } from '../interaction/login.js';
import { failureAnswer, failureMessage } from '../interaction/login-failure.js';
import { loginPage } from '../interaction/views/login-page.js';
import { seeOther, sendPage } from '../pages/send-page.js';
import { type AccountAddresses, type AccountPage, isAccountPage } from './account-page.js';
import type { Visits } from './visits.js';

interface Parts {
  readonly site: string;
  readonly addresses: AccountAddresses;
  readonly visits: Visits;
  readonly guard: FormGuard;
  readonly login: Login;
}

const PURPOSE = 'account.sign-in';

/**
 * A sign-in that no client asked for: the interaction's page, login and counters, but nothing to remember meanwhile. Where it leads is a
 * name from our own list, so it can lead nowhere else.
 */
export class SignInEndpoint {
  constructor(private readonly parts: Parts) {}

  async show(to: string | undefined, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const page = isAccountPage(to) ? to : 'overview';
    if (await this.parts.visits.of(request, reply)) return seeOther(reply, this.parts.addresses.of(page));
    this.page(page, null, request, reply);
  }

  async signIn(form: Parameters, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { guard, login, addresses } = this.parts;
    const to = form.get('to');
    const page = isAccountPage(to) ? to : 'overview';
    guard.check(request, form, PURPOSE, page);
    const result = await login.attempt(form, request, reply);
    if (result.outcome === 'signed in') return seeOther(reply, addresses.of(page));
    this.page(page, { form, result }, request, reply);
  }

  private page(
    to: AccountPage,
    failed: { form: Parameters; result: LoginFailure } | null,
    request: FastifyRequest,
    reply: FastifyReply,
  ): void {
    const { guard, addresses, site } = this.parts;
    const body = loginPage({
      action: addresses.action('/sign-in'),
      cancel: null,
      csrf: guard.tokenFor(PURPOSE, to, guard.ensureBrowser(request, reply)),
      fields: { to },
      client: 'your account',
      username: failed?.form.get('username') ?? '',
      remember: failed?.form.get('remember') === 'yes',
      error: failed ? failureMessage(failed.result) : null,
    });
    const title = failed ? 'Sign in: please check what you entered' : 'Sign in';
    sendPage(reply, { site, title, body, posts: 'here', ...(failed ? failureAnswer(failed.result) : {}) });
  }
}
