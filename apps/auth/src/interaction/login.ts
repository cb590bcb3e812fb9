import type { FastifyReply, FastifyRequest } from 'fastify';
import { type SessionView, sessionApi } from '#libs/contracts';
import type { Sql } from '#libs/database';
import { clientAddress, type InternalClient, type Parameters } from '#libs/http';
import { recordAudit } from '../audit/record-audit.js';
import type { Cookies } from '../cookies/cookies.js';
import type { VerifyPassword } from '../users/verify-password.js';
import type { LoginThrottle } from './login-throttle.js';

export type LoginResult =
  | { readonly outcome: 'signed in'; readonly session: SessionView }
  | { readonly outcome: 'refused' }
  | { readonly outcome: 'throttled'; readonly retryAfterS: number };

const USER_AGENT_LENGTH = 512;

/**
 * A password becomes a session. The attempt is reserved before the hash; unknown, wrong and disabled are one answer. Every login gives
 * a fresh cookie (CVE-2024-7341); another person's login ends the session that was here, in the session service's transaction.
 */
export class Login {
  constructor(
    private readonly cookies: Cookies,
    private readonly throttle: LoginThrottle,
    private readonly passwords: VerifyPassword,
    private readonly db: Sql,
    private readonly internal: InternalClient,
  ) {}

  async attempt(form: Parameters, request: FastifyRequest, reply: FastifyReply): Promise<LoginResult> {
    const username = form.get('username')?.trim();
    const password = form.get('password');
    if (!username || !password) return { outcome: 'refused' };
    const address = clientAddress(request);
    const retryAfterS = await this.throttle.reserve(username, address);
    if (retryAfterS !== null) return { outcome: 'throttled', retryAfterS };

    const check = await this.passwords.verify(username, password);
    if (check.outcome !== 'right') {
      await this.throttle.failed(address);
      // What was typed is not recorded: people type passwords into the wrong field.
      const target = check.outcome === 'disabled' ? check.user.sub : 'unknown';
      await recordAudit(this.db, [{ actor: 'anonymous', action: 'login.failed', target, reason: check.outcome, details: { address } }]);
      return { outcome: 'refused' };
    }
    const { user } = check;

    const started = await this.internal.call(sessionApi.start, {
      sub: user.sub,
      subject_gen: user.gen,
      remember: form.get('remember') === 'yes',
      amr: ['pwd'],
      acr: null,
      cookie: this.cookies.read(request, 'session'),
      ip: address,
      user_agent: request.headers['user-agent']?.slice(0, USER_AGENT_LENGTH) ?? null,
    });
    this.cookies.set(reply, 'session', started.cookie, started.cookie_max_age);
    const { sid } = started.session;
    await recordAudit(this.db, [{ actor: user.sub, action: 'login.succeeded', target: user.sub, reason: null, details: { sid, address } }]);
    await this.throttle.succeeded(username);
    return { outcome: 'signed in', session: started.session };
  }
}
