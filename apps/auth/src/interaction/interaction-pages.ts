import type { FastifyReply } from 'fastify';
import type { Parameters } from '#libs/http';
import { type AskingClient, displayName } from '../authorize/asking-client.js';
import type { AuthorizationRequest } from '../authorize/authorization-request.js';
import { describeScope } from '../clients/describe-scope.js';
import { sendPage } from '../pages/send-page.js';
import type { User } from '../users/user.js';
import type { ConsentQuestion } from './consent-needed.js';
import type { LoginFailure } from './login.js';
import { failureAnswer, failureMessage } from './login-failure.js';
import { consentPage, type ScopeLine } from './views/consent-page.js';
import { loginPage } from './views/login-page.js';

interface Shown {
  readonly handle: string;
  readonly csrf: string;
  readonly client: AskingClient;
  readonly request: AuthorizationRequest;
}

/** Turns what is asked into the two pages. */
export class InteractionPages {
  constructor(
    private readonly publicUrl: string,
    private readonly site: string,
  ) {}

  addressOf(handle: string): string {
    return `${this.publicUrl}/interaction/${handle}`;
  }

  login(reply: FastifyReply, shown: Shown & { form?: Parameters; result?: LoginFailure }): void {
    const { handle, csrf, client, request, form, result } = shown;
    const address = this.addressOf(handle);
    const body = loginPage({
      action: `${address}/login`,
      cancel: `${address}/cancel`,
      csrf,
      client: displayName(client),
      username: form?.get('username') ?? request.login_hint ?? '',
      remember: form?.get('remember') === 'yes',
      error: result ? failureMessage(result) : null,
    });
    const title = result ? 'Sign in: please check what you entered' : 'Sign in';
    sendPage(reply, { site: this.site, title, body, posts: true, ...(result ? failureAnswer(result) : {}) });
  }

  consent(reply: FastifyReply, shown: Shown & { user: User; question: ConsentQuestion }): void {
    const { handle, csrf, client, request, user, question } = shown;
    const lines = (names: readonly string[]): ScopeLine[] =>
      names.map((name) => ({ name, description: describeScope(client, name), ticked: true }));
    const { policy_uri: policy, tos_uri: terms } = client.metadata;
    const body = consentPage({
      action: `${this.addressOf(handle)}/consent`,
      csrf,
      client: displayName(client),
      username: user.username,
      fixed: lines(question.fixed),
      optional: lines(question.optional),
      offline: question.offline ? { ticked: true, days: Math.max(1, Math.round(client.settings.offline_idle / 86_400)) } : null,
      links: [
        ...(policy ? [{ text: 'Privacy policy of this application', href: policy }] : []),
        ...(terms ? [{ text: 'Terms of this application', href: terms }] : []),
      ],
      returnsTo: destination(request.redirect_uri),
    });
    sendPage(reply, { site: this.site, title: `${displayName(client)} asks for your permission`, body, posts: true });
  }
}

/** Host, or an app's own scheme: where a person really goes, whatever the client calls itself. */
function destination(redirectUri: string): string {
  const url = new URL(redirectUri);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.host : url.protocol.slice(0, -1);
}
