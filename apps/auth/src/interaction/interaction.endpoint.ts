import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Checkpoints } from '#libs/checkpoints';
import type { Database } from '#libs/database';
import type { InternalClient, Parameters } from '#libs/http';
import { oauthError } from '#libs/protocol';
import { recordAudit } from '../audit/record-audit.js';
import { AnswerAddress } from '../authorize/answer-address.js';
import type { ConsentStore } from '../consents/consents.store.js';
import type { FormGuard } from '../cookies/form-guard.js';
import { seeOther } from '../pages/send-page.js';
import { type Dispatch, type Dispatched, type Progress } from './dispatch.js';
import { finish } from './finish.js';
import type { Interaction, InteractionStore } from './interaction.store.js';
import type { InteractionPages } from './interaction-pages.js';
import type { Login } from './login.js';

const PURPOSE = 'interaction';

/** The parts an interaction is made of; assembled in app.module. */
export interface InteractionParts {
  readonly issuer: string;
  readonly store: InteractionStore;
  readonly guard: FormGuard;
  readonly dispatch: Dispatch;
  readonly login: Login;
  readonly db: Database;
  readonly consents: ConsentStore;
  readonly pages: InteractionPages;
  readonly internal: InternalClient;
  readonly checkpoints: Checkpoints;
}

/** One method per address. Each loads the interaction, checks that it belongs to this browser, and lets `decide` say what is next. */
export class InteractionEndpoint {
  constructor(private readonly parts: InteractionParts) {}

  /** GET: shows what is next, or has the code issued when nothing is left to ask. */
  async show(handle: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const interaction = await this.load(handle, request, reply, { bind: true });
    await this.proceed(interaction, request, reply);
  }

  async signIn(handle: string, form: Parameters, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { guard, login, pages, store, dispatch } = this.parts;
    guard.check(request, form, PURPOSE, handle);
    const interaction = await this.load(handle, request, reply);
    const result = await login.attempt(form, request, reply);
    if (result.outcome === 'signed in') {
      await store.change(interaction, { login: { sid: result.session.sid } });
      return seeOther(reply, pages.addressOf(handle));
    }
    const { client } = await dispatch.run(request, interaction.state);
    pages.login(reply, { handle, csrf: this.csrf(request, reply, handle), client, request: interaction.state.request, form, result });
  }

  async answer(handle: string, form: Parameters, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { guard, db, consents, store, dispatch, pages } = this.parts;
    guard.check(request, form, PURPOSE, handle);
    const interaction = await this.load(handle, request, reply);
    const { decision, client, live } = await dispatch.run(request, interaction.state);
    if (form.get('answer') !== 'allow') {
      const { sub } = live?.view ?? { sub: 'anonymous' };
      const details = { client_id: client.client_id };
      await recordAudit(db, [{ actor: sub, action: 'consent.denied', target: client.client_id, reason: null, details }]);
      return this.refuse(interaction, reply);
    }
    // The page is stale: the person signed out or somebody else signed in meanwhile, or it was answered in another tab.
    if (decision.next !== 'consent' || !live) return seeOther(reply, pages.addressOf(handle));

    const { question } = decision;
    const ticked = new Set(form.getAll('scope'));
    const asked = [...question.fixed, ...question.optional, ...(question.offline ? ['offline_access'] : [])];
    const agreed = asked.filter((name) => question.fixed.includes(name) || ticked.has(name));
    if (agreed.length === 0) return this.refuse(interaction, reply);
    const sub = live.view.sub;
    const declined = asked.filter((name) => !agreed.includes(name));
    const { consent_id } = await db.transaction((tx) => consents.grant(tx, { sub, client_id: client.client_id, scopes: agreed, declined }));
    await store.change(interaction, { consent: { sub, consent_id, agreed } });
    seeOther(reply, pages.addressOf(handle));
  }

  async cancel(handle: string, form: Parameters, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    this.parts.guard.check(request, form, PURPOSE, handle);
    await this.refuse(await this.load(handle, request, reply), reply);
  }

  /** Also for a request that needs no page: `authorize` asks before it opens an interaction. */
  async complete(progress: Progress, { decision }: Dispatched): Promise<string | null> {
    const { request } = progress;
    const answer = new AnswerAddress(this.parts.issuer, request.redirect_uri, request.state);
    if (decision.next === 'refuse') return answer.error(decision.error);
    if (decision.next === 'finish') return answer.code(await finish(this.parts, request, decision.session, decision.granted));
    return null;
  }

  private async proceed(interaction: Interaction, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { dispatch, pages, store } = this.parts;
    const { handle, state } = interaction;
    const dispatched = await dispatch.run(request, state);
    const { decision, client, live } = dispatched;
    const csrf = this.csrf(request, reply, handle);
    if (decision.next === 'login') return pages.login(reply, { handle, csrf, client, request: state.request });
    if (decision.next === 'consent' && live) {
      return pages.consent(reply, { handle, csrf, client, request: state.request, user: live.user, question: decision.question });
    }
    // One code per interaction: of two tabs or two clicks, one claims it; if issuing fails it is given back.
    const claimed = await store.change(interaction, { finished: true });
    if (!claimed) throw gone();
    try {
      const location = await this.complete(state, dispatched);
      if (location === null) throw gone();
      await store.close(handle);
      seeOther(reply, location);
    } catch (error) {
      await store.change(claimed, { finished: false });
      throw error;
    }
  }

  private async refuse({ handle, state }: Interaction, reply: FastifyReply): Promise<void> {
    await this.parts.store.close(handle);
    const { request } = state;
    seeOther(reply, new AnswerAddress(this.parts.issuer, request.redirect_uri, request.state).error(oauthError('access_denied')));
  }

  /** The handle alone opens nothing: it must come from the browser the interaction belongs to (CVE-2026-7507). */
  private async load(handle: string, request: FastifyRequest, reply: FastifyReply, options: { bind?: boolean } = {}): Promise<Interaction> {
    const { store, guard } = this.parts;
    const interaction = await store.load(handle);
    if (!interaction || interaction.state.finished) throw gone();
    if (interaction.state.browser === null && options.bind) {
      const bound = await store.change(interaction, { browser: guard.bindingOf(guard.ensureBrowser(request, reply)) });
      if (!bound) throw gone();
      return bound;
    }
    if (interaction.state.browser === null || !guard.isBoundTo(guard.browserOf(request), interaction.state.browser)) throw gone();
    return interaction;
  }

  private csrf(request: FastifyRequest, reply: FastifyReply, handle: string): string {
    return this.parts.guard.tokenFor(PURPOSE, handle, this.parts.guard.ensureBrowser(request, reply));
  }
}

function gone() {
  return oauthError('invalid_request', {
    description: 'This sign-in is finished, has expired, or began in another browser (or cookies are blocked in this one).',
  });
}
