import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Checkpoints } from '#libs/checkpoints';
import type { ClientDirectory } from '#libs/clients';
import { sessionApi } from '#libs/contracts';
import { type InternalClient, type Log, type Parameters, problemOf } from '#libs/http';
import { OAuthError, oauthError, unavailable } from '#libs/protocol';
import type { Cookies } from '../cookies/cookies.js';
import type { FormGuard } from '../cookies/form-guard.js';
import type { IdTokenHints } from '../hints/id-token-hints.js';
import type { CurrentSession } from '../interaction/current-session.js';
import { seeOther, sendPage } from '../pages/send-page.js';
import type { UserStore } from '../users/users.store.js';
import { decideLogout, type LogoutDecision, mayRedirect } from './decide-logout.js';
import type { LogoutStore } from './logout.store.js';
import { type LogoutRequest, readLogoutRequest, returnAddress } from './logout-request.js';
import { confirmPage, notSignedOutPage, signedOutPage, staySignedInPage } from './views/logout-pages.js';

/**
 * logout/ owns RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0) and signing out here. The session service ends the session
 * and fans out; this asks, waits for the end, and only then says so. It holds no session and sends no logout token.
 */
export interface LogoutParts {
  readonly publicUrl: string;
  readonly site: string;
  readonly cookies: Cookies;
  readonly guard: FormGuard;
  readonly hints: IdTokenHints;
  readonly clients: ClientDirectory;
  readonly users: UserStore;
  readonly sessions: CurrentSession;
  readonly store: LogoutStore;
  readonly internal: InternalClient;
  readonly log: Log;
  readonly checkpoints: Checkpoints;
}

const PURPOSE = 'logout';

export class LogoutEndpoint {
  constructor(private readonly parts: LogoutParts) {}

  /** GET and POST /logout. A cross-site POST carries no cookie (Lax): the browser comes back with GET to be recognised. */
  async begin(parameters: Parameters, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { hints, clients, store } = this.parts;
    refuseToLook(request);
    const logout = await readLogoutRequest(parameters, hints, clients);
    if (request.method === 'POST') return seeOther(reply, this.addressOf(await store.keep(logout, null)));
    await this.carryOut(logout, false, null, request, reply);
  }

  /** GET /logout/:handle. */
  async resume(handle: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    refuseToLook(request);
    const kept = await this.parts.store.load(handle);
    if (!kept) throw gone();
    await this.carryOut(kept.request, false, kept.browser === null ? null : handle, request, reply);
  }

  /** POST /logout/:handle, from our own page. */
  async answer(handle: string, form: Parameters, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { guard, store, site } = this.parts;
    guard.check(request, form, PURPOSE, handle);
    const kept = await store.load(handle);
    if (!kept?.browser || !guard.isBoundTo(guard.browserOf(request), kept.browser)) throw gone();
    const logout = kept.request;
    if (form.get('answer') !== 'yes') {
      return sendPage(reply, {
        site,
        title: 'You are still signed in',
        body: staySignedInPage(mayRedirect(logout, true) ? this.linkBack(logout) : null, this.account()),
      });
    }
    await this.carryOut(logout, true, handle, request, reply);
  }

  private async carryOut(
    logout: LogoutRequest,
    confirmed: boolean,
    handle: string | null,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    try {
      const decision = await this.decide(logout, confirmed, request);
      if (decision.next === 'ask') return await this.ask(logout, handle, decision.sub, request, reply);
      if (decision.next === 'end') await this.end(decision);
      // Also when there was nothing to end: a cookie of an ended session is of no use to anyone.
      this.parts.cookies.clear(reply, 'session');
      this.done(logout, confirmed, reply);
    } catch (error) {
      const problem = problemOf(error);
      if (error instanceof OAuthError && problem.status < 500) throw error;
      this.parts.log.warn(
        'logout not carried out',
        { status: problem.status, detail: problem.detail },
        problem.unexpected ? error : undefined,
      );
      await this.notSignedOut(logout, handle, request, reply);
    }
  }

  private async decide(logout: LogoutRequest, confirmed: boolean, request: FastifyRequest): Promise<LogoutDecision> {
    const { sessions, internal } = this.parts;
    const truth = await sessions.truth(request);
    const current = truth?.alive ? truth.session : null;
    const hinted = logout.hint?.sid ?? null;
    const hintedAlive = !current && hinted !== null && (await internal.call(sessionApi.truth, { sid: hinted })).alive;
    return decideLogout({ request: logout, current, hintedAlive, confirmed });
  }

  /** Awaited: `ended: false` means somebody else was faster, which is as good (twice is no error). */
  private async end({ sid, sub, reason }: Extract<LogoutDecision, { next: 'end' }>): Promise<void> {
    await this.parts.internal.call(sessionApi.end, { sid, reason, initiated_by: 'user', actor: sub });
    await this.parts.checkpoints.reach('auth.logout.after-end');
  }

  private done(logout: LogoutRequest, confirmed: boolean, reply: FastifyReply): void {
    const address = returnAddress(logout);
    if (address !== null && mayRedirect(logout, confirmed)) seeOther(reply, address);
    else sendPage(reply, { site: this.parts.site, title: 'You are signed out', body: signedOutPage(this.linkBack(logout)) });
  }

  private async ask(
    logout: LogoutRequest,
    handle: string | null,
    sub: string | null,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const { users, site } = this.parts;
    const form = await this.form(logout, handle, request, reply);
    const username = sub === null ? null : ((await users.get(sub))?.username ?? null);
    sendPage(reply, {
      site,
      title: 'Sign out',
      body: confirmPage({ ...form, client: logout.client?.name ?? null, username, account: username === null ? null : this.account() }),
      posts: true,
    });
  }

  private async notSignedOut(logout: LogoutRequest, handle: string | null, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    // Without a place to keep the request there is no form, but reloading the address does the same.
    const form = await this.form(logout, handle, request, reply).catch(() => null);
    sendPage(reply, {
      site: this.parts.site,
      title: 'You are not signed out yet',
      status: 503,
      headers: { 'retry-after': '2' },
      body: notSignedOutPage(form),
      posts: form !== null,
    });
  }

  private async form(
    logout: LogoutRequest,
    handle: string | null,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<{ action: string; csrf: string }> {
    const { guard, store } = this.parts;
    const browser = guard.ensureBrowser(request, reply);
    const own = handle ?? (await store.keep(logout, guard.bindingOf(browser)));
    return { action: this.addressOf(own), csrf: guard.tokenFor(PURPOSE, own, browser) };
  }

  private linkBack(logout: LogoutRequest): { href: string; client: string } | null {
    const href = returnAddress(logout);
    return href !== null && logout.client ? { href, client: logout.client.name } : null;
  }

  private account(): string {
    return `${this.parts.publicUrl}/account`;
  }

  private addressOf(handle: string): string {
    return `${this.parts.publicUrl}/logout/${handle}`;
  }
}

/**
 * Who only looks must not sign anybody out: HEAD (RP-Initiated Logout §2 knows GET and POST), and a browser that looks ahead; that one throws
 * this answer away and asks again when it is meant.
 */
function refuseToLook({ method, headers }: FastifyRequest): void {
  if (method === 'HEAD') throw oauthError('method_not_allowed', { headers: { allow: 'GET, POST' } });
  if (String(headers['sec-purpose'] ?? '').includes('prefetch')) throw unavailable('prefetch');
}

function gone(): OAuthError {
  return oauthError('invalid_request', { description: 'This page has expired, or belongs to another browser.' });
}
