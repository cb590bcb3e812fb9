import { authApi, sessionApi, tokenApi } from '#libs/contracts';
import type { Cluster } from '../cluster/cluster.js';
import type { Answer, Calls } from './calls.js';
import { type ClientId, callbackOf, OPERATOR, RESOURCE_SERVER, SCOPE } from './chaos-config.js';
import type { Check, End, Mint } from './history.js';
import type { Grant, Life, Token } from './lives.js';
import type { Recorder } from './recorder.js';

export const USERINFO = 'userinfo';

/** Each thing that can be done to the cluster, done once and recorded as it was seen. */
export class Deeds {
  private readonly subs = new Map<string, string>();
  private operatorToken: string | null = null;

  constructor(
    private readonly cluster: Cluster,
    private readonly calls: Calls,
    readonly recorder: Recorder,
  ) {}

  /** A session by the internal API, as auth starts it after a login; argon2 would be what is measured. Null: it could not be, or nobody knows. */
  async startSession(user: string): Promise<Life | null> {
    const invokedAt = performance.now();
    try {
      const sub = await this.subOf(user);
      const { subject } = await this.cluster.call('token', authApi.subject, { sub });
      const who = { sub, subject_gen: subject?.gen ?? 0, amr: ['pwd'], acr: null };
      const { session } = await this.cluster.call('auth', sessionApi.start, {
        ...who,
        remember: false,
        cookie: null,
        ip: null,
        user_agent: null,
      });
      this.recorder.add({ kind: 'start', sid: session.sid, user, invokedAt, completedAt: performance.now() });
      return { sid: session.sid, user, browser: null, grants: [], ending: false };
    } catch {
      return null;
    }
  }

  /** As auth issues it when the browser goes back to the client. */
  async issueCode(life: Life, client: ClientId): Promise<string | null> {
    try {
      const truth = await this.cluster.call('auth', sessionApi.truth, { sid: life.sid, participant: null });
      if (!truth.alive) return null;
      const { sub, subject_gen, amr, acr, auth_time } = truth.session;
      const { code } = await this.cluster.call('auth', tokenApi.issueCode, {
        ...{ client_id: client, redirect_uri: callbackOf(client), redirect_uri_sent: true, sub, subject_gen, sid: life.sid, scope: SCOPE },
        ...{ scope_narrowed: false, access_mode: 'online', consent_id: null, nonce: null, code_challenge: null, auth_time, amr, acr },
        ...{ resources: [], auth_time_requested: false },
      });
      return code;
    } catch {
      return null;
    }
  }

  /** Once only: a second use of a code revokes what the first has got, so one whose answer was lost is given up. */
  async exchange(life: Life, client: ClientId, code: string): Promise<void> {
    const form = { grant_type: 'authorization_code', code, redirect_uri: callbackOf(client) };
    const answer = await this.calls.form(`${this.cluster.issuer}/token`, client, form);
    this.keepGrant(life, client, answer);
  }

  /** What an exchange answered, by whatever way. */
  keepGrant(life: Life, client: ClientId, answer: Answer): void {
    const grant: Grant = { number: this.recorder.grantNumber(), client, refreshToken: '', idToken: '', tokens: [], busy: false };
    this.recordMint(life, grant, 'exchange', answer);
    if (grant.tokens.length > 0) life.grants.push(grant);
  }

  /** The same token again while the answer was lost: a confidential client gets the same successor (README, promise 8). */
  async refresh(life: Life, grant: Grant): Promise<Mint['outcome']> {
    const form = { grant_type: 'refresh_token', refresh_token: grant.refreshToken };
    return this.recordMint(life, grant, 'refresh', await this.calls.form(`${this.cluster.issuer}/token`, grant.client, form));
  }

  async introspect(life: Life, token: Token, at: { name: string; publicUrl: string }): Promise<Check['outcome']> {
    const answer = await this.calls.form(`${at.publicUrl}/introspect`, RESOURCE_SERVER, { token: token.value });
    const { status, body } = answer;
    const verdict = status === 200 && typeof body.active === 'boolean' ? (body.active ? 'active' : 'inactive') : withoutVerdict(status);
    return this.recordCheck(life, token, at.name, answer, verdict);
  }

  async userinfo(life: Life, token: Token): Promise<Check['outcome']> {
    const answer = await this.calls.json('GET', `${this.cluster.issuer}/userinfo`, token.value);
    const { status, body } = answer;
    const verdict = status === 200 && typeof body.sub === 'string' ? 'active' : status === 401 ? 'inactive' : withoutVerdict(status);
    return this.recordCheck(life, token, USERINFO, answer, verdict);
  }

  /** By the admin API. */
  async endByOperator(life: Life): Promise<End['outcome']> {
    const answer = await this.asOperator('POST', `/admin/sessions/${life.sid}/end`);
    const ended = answer.status === 200 ? answer.body.ended : null;
    const outcome = ended === true ? 'ok' : ended === false ? 'already' : withoutVerdict(answer.status);
    return this.recordEnd('operator', [life.sid], answer, outcome);
  }

  /** Everything of a user, by the admin API: the subject's generation. */
  async endAllOf(user: string, sids: readonly string[]): Promise<End['outcome']> {
    const answer = await this.asOperator('POST', `/admin/users/${await this.subOf(user)}/revoke-all`);
    const outcome = answer.status === 200 ? 'ok' : answer.status === 202 ? 'accepted' : withoutVerdict(answer.status);
    return this.recordEnd('user', sids, answer, outcome);
  }

  recordEnd(by: End['by'], sids: readonly string[], answer: Answer, outcome: End['outcome']): End['outcome'] {
    const { invokedAt, completedAt, status } = answer;
    this.recorder.add({ kind: 'end', by, sids, outcome, confirmed: answer.body.confirmed === true, invokedAt, completedAt, status });
    return outcome;
  }

  /** An unavailable operator's token is one more way in which an end is not acknowledged. */
  async asOperator(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Answer> {
    if (this.operatorToken === null) {
      const got = await this.calls.form(`${this.cluster.issuer}/token`, OPERATOR, { grant_type: 'client_credentials' });
      if (got.status !== 200) return { ...got, status: got.status === 200 ? 503 : got.status };
      this.operatorToken = String(got.body.access_token);
    }
    return this.calls.json(method, `${this.cluster.issuer}${path}`, this.operatorToken, body);
  }

  async subOf(user: string): Promise<string> {
    const known = this.subs.get(user);
    if (known !== undefined) return known;
    const { body } = await this.asOperator('GET', `/admin/users?search=${encodeURIComponent(user)}&limit=200`);
    const items = (body.items ?? []) as { username: string; sub: string }[];
    for (const { username, sub } of items) this.subs.set(username, sub);
    const sub = this.subs.get(user);
    if (sub === undefined) throw new Error(`${user} is not known yet`);
    return sub;
  }

  private recordMint(life: Life, grant: Grant, by: Mint['by'], answer: Answer): Mint['outcome'] {
    const { status, body, invokedAt, completedAt } = answer;
    const ok = status === 200 && typeof body.access_token === 'string';
    const refused = status === 400 && body.error === 'invalid_grant';
    const outcome = ok ? 'ok' : refused ? 'refused' : withoutVerdict(status);
    const token = ok ? { number: this.recorder.tokenNumber(), value: String(body.access_token) } : null;
    if (token) {
      grant.tokens.push(token);
      grant.refreshToken = String(body.refresh_token ?? grant.refreshToken);
      grant.idToken = String(body.id_token ?? grant.idToken);
    }
    const { sid } = life;
    const numbers = { grant: grant.number, token: token?.number ?? null };
    this.recorder.add({ kind: 'mint', by, sid, client: grant.client, ...numbers, outcome, status, invokedAt, completedAt });
    return outcome;
  }

  private recordCheck({ sid }: Life, token: Token, at: string, answer: Answer, outcome: Check['outcome']): Check['outcome'] {
    const { invokedAt, completedAt, status } = answer;
    this.recorder.add({ kind: 'check', sid, token: token.number, at, outcome, status, invokedAt, completedAt });
    return outcome;
  }
}

/** 502 is the front's, for an instance that broke while it answered. */
export function withoutVerdict(status: number | null): 'unavailable' | 'unknown' | 'undeclared' {
  if (status === 503) return 'unavailable';
  return status === null || status === 502 ? 'unknown' : 'undeclared';
}
