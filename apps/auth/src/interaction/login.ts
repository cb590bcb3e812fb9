import type { FastifyReply, FastifyRequest } from 'fastify';
import { type SessionView, sessionApi } from '#libs/contracts';
import type { Sql } from '#libs/database';
import { clientAddress, InternalCallError, type InternalClient, type Parameters } from '#libs/http';
import { recordAudit } from '../audit/record-audit.js';
import type { Cookies } from '../cookies/cookies.js';
import type { User } from '../users/user.js';
import type { ProvePassword } from './prove-password.js';

export type LoginResult =
  | { readonly outcome: 'signed in'; readonly session: SessionView; readonly user: User }
  | { readonly outcome: 'refused' }
  | { readonly outcome: 'throttled'; readonly retryAfterS: number };
export type LoginFailure = Exclude<LoginResult, { outcome: 'signed in' }>;

interface Attempt {
  readonly username: string;
  readonly password: string;
  readonly remember: boolean;
  /** For the audit: null is a sign-in. */
  readonly reason: 'reauthentication' | null;
}

const USER_AGENT_LENGTH = 512;

/**
 * A password becomes a session. Unknown, wrong and disabled are one answer. Every login gives a fresh cookie (CVE-2024-7341, ASVS
 * 7.2.4); another person's login ends the session that was here, in the session service's transaction.
 */
export class Login {
  constructor(
    private readonly cookies: Cookies,
    private readonly proofs: ProvePassword,
    private readonly db: Sql,
    private readonly internal: InternalClient,
  ) {}

  async attempt(form: Parameters, request: FastifyRequest, reply: FastifyReply): Promise<LoginResult> {
    const username = form.get('username')?.trim();
    const password = form.get('password');
    if (!username || !password) return { outcome: 'refused' };
    return this.carryOut({ username, password, remember: form.get('remember') === 'yes', reason: null }, request, reply);
  }

  /** The person of this session proves once more who they are: the sid stays, its cookie and auth_time are new. */
  async again(
    present: { user: User; view: SessionView },
    password: string,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<LoginResult> {
    const { username } = present.user;
    return this.carryOut({ username, password, remember: present.view.remember, reason: 'reauthentication' }, request, reply);
  }

  private async carryOut(
    { username, password, remember, reason }: Attempt,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<LoginResult> {
    const address = clientAddress(request);
    const proof = await this.proofs.prove(username, password, address);
    if (proof.outcome !== 'right') return proof;
    const { user } = proof;

    const started = await startOrRefused(
      this.internal.call(sessionApi.start, {
        sub: user.sub,
        subject_gen: user.gen,
        remember,
        amr: ['pwd'],
        acr: null,
        cookie: this.cookies.read(request, 'session'),
        ip: address,
        user_agent: request.headers['user-agent']?.slice(0, USER_AGENT_LENGTH) ?? null,
      }),
    );
    if (!started) {
      const entry = { actor: 'anonymous', action: 'login.failed' as const, target: user.sub, reason: 'superseded', details: { address } };
      await recordAudit(this.db, [entry]);
      return { outcome: 'refused' };
    }
    this.cookies.set(reply, 'session', started.cookie, started.cookie_max_age);
    const { sid } = started.session;
    await recordAudit(this.db, [{ actor: user.sub, action: 'login.succeeded', target: user.sub, reason, details: { sid, address } }]);
    await this.proofs.succeeded(username);
    return { outcome: 'signed in', session: started.session, user };
  }
}

/** Race 17: the account was disabled, or got another password, after this one was proven. For the person: the same as a wrong one. */
async function startOrRefused<T>(started: Promise<T>): Promise<T | null> {
  try {
    return await started;
  } catch (error) {
    if (error instanceof InternalCallError && error.kind === 'refused' && error.status === 403) return null;
    throw error;
  }
}
