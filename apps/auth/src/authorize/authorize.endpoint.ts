import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ClientDirectory } from '#libs/clients';
import { type Parameters, problemOf } from '#libs/http';
import { OAuthError } from '#libs/protocol';
import type { FormGuard } from '../cookies/form-guard.js';
import type { IdTokenHints } from '../hints/id-token-hints.js';
import type { Dispatch } from '../interaction/dispatch.js';
import type { InteractionEndpoint } from '../interaction/interaction.endpoint.js';
import type { InteractionStore } from '../interaction/interaction.store.js';
import type { InteractionPages } from '../interaction/interaction-pages.js';
import { seeOther } from '../pages/send-page.js';
import { AnswerAddress } from './answer-address.js';
import type { AskingClient } from './asking-client.js';
import type { AuthorizationRequest } from './authorization-request.js';
import { checkAccessMode } from './steps/check-access-mode.js';
import { checkIdTokenHint } from './steps/check-id-token-hint.js';
import { checkLoginHint } from './steps/check-login-hint.js';
import { checkMaxAge } from './steps/check-max-age.js';
import { checkNonce } from './steps/check-nonce.js';
import { checkPkce } from './steps/check-pkce.js';
import { checkPrompt } from './steps/check-prompt.js';
import { checkResource } from './steps/check-resource.js';
import { checkResponseMode } from './steps/check-response-mode.js';
import { checkResponseType } from './steps/check-response-type.js';
import { checkScope } from './steps/check-scope.js';
import { identifyClient } from './steps/identify-client.js';
import { type MatchedRedirectUri, matchRedirectUri } from './steps/match-redirect-uri.js';
import { refuseDuplicates } from './steps/refuse-duplicates.js';
import { refuseUnbuilt } from './steps/refuse-unbuilt.js';

/**
 * authorize/ owns the authorization endpoint (RFC 6749 §4.1.1, OIDC Core §3.1.2): it turns parameters into one checked request and
 * hands it to interaction/. It writes nothing for a request it refuses. Its steps are one file each, in the order below.
 */
export interface AuthorizeParts {
  readonly issuer: string;
  readonly clients: ClientDirectory;
  readonly hints: IdTokenHints;
  readonly guard: FormGuard;
  readonly store: InteractionStore;
  readonly dispatch: Dispatch;
  readonly interaction: InteractionEndpoint;
  readonly pages: InteractionPages;
}

export class AuthorizeEndpoint {
  constructor(private readonly parts: AuthorizeParts) {}

  async handle(parameters: Parameters, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    // 1. Who asks, and where may an answer go? Until both are known every error is a page.
    const client = await identifyClient(parameters, (clientId) => this.parts.clients.get(clientId));
    const redirect = matchRedirectUri(parameters, client);
    const answer = new AnswerAddress(this.parts.issuer, redirect.uri, parameters.get('state') ?? null);
    try {
      // 2. Is it a request we answer? From here on errors go to the client, by redirect.
      const checked = await this.check(parameters, client, redirect);
      // 3. What is next: an answer at once, or a page?
      await this.begin(checked, request, reply);
    } catch (error) {
      if (error instanceof OAuthError && error.status < 500) return seeOther(reply, answer.error(error));
      // A silent request has nobody in front of it who could read a page.
      if (parameters.get('prompt') !== 'none') throw error;
      const { code, description, unexpected } = problemOf(error);
      if (unexpected) throw error;
      seeOther(reply, answer.error({ code, publicDescription: description }));
    }
  }

  private async check(parameters: Parameters, client: AskingClient, redirect: MatchedRedirectUri): Promise<AuthorizationRequest> {
    refuseDuplicates(parameters);
    refuseUnbuilt(parameters, client);
    checkResponseType(parameters, client);
    checkResponseMode(parameters);
    const asked = checkScope(parameters, client);
    const { access, scope } = checkAccessMode(asked, client);
    const challenge = checkPkce(parameters, client);
    const resources = checkResource(parameters, client);
    const prompt = checkPrompt(parameters);
    const maxAge = checkMaxAge(parameters, client);
    const nonce = checkNonce(parameters);
    const loginHint = checkLoginHint(parameters);
    const hintedSub = await checkIdTokenHint(parameters, this.parts.hints, client.client_id);
    return {
      client_id: client.client_id,
      redirect_uri: redirect.uri,
      redirect_uri_sent: redirect.sent,
      state: parameters.get('state') ?? null,
      scope,
      narrowed: scope.length < asked.length,
      access,
      resources,
      code_challenge: challenge,
      nonce,
      prompt,
      max_age: maxAge.seconds,
      auth_time_requested: maxAge.authTimeRequested,
      login_hint: loginHint,
      hinted_sub: hintedSub,
    };
  }

  /**
   * A request that came by POST from a client's page came without our cookies (they are Lax), so who is signed in can't be known
   * yet: it is kept, and the browser comes back for it with GET.
   */
  private async begin(checked: AuthorizationRequest, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { store, guard, dispatch, interaction, pages } = this.parts;
    const progress = { request: checked, login: null, consent: null };
    if (request.method === 'POST') {
      const { handle } = await store.open({ request: checked, browser: null });
      return seeOther(reply, pages.addressOf(handle));
    }
    const location = await interaction.complete(progress, await dispatch.run(request, progress));
    if (location !== null) return seeOther(reply, location);
    const browser = guard.bindingOf(guard.ensureBrowser(request, reply));
    const { handle } = await store.open({ request: checked, browser });
    seeOther(reply, pages.addressOf(handle));
  }
}
