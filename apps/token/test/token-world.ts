import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { ClientDirectory } from '#libs/clients';
import { type CodeContents, type EndReason, sessionApi, tokenApi } from '#libs/contracts';
import { CheckpointGate, InProcessServices, ServiceWorld, STORY, secretOf, testConfig, until } from '#libs/testing';
import { AuthNeighbour } from './auth-neighbour.js';

export const VERIFIER = 'v'.repeat(43);
export const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
export const REDIRECT = 'http://localhost:4090/callback';
const DEFAULT_SCOPE = ['openid', 'photos:read', 'online_access'];

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export interface TokenSet {
  access_token: string;
  refresh_token: string;
  id_token: string;
  scope: string;
  expires_in: number;
}

/** The token service with the real session service beside it; codes are issued as auth issues them, without pages. */
export class TokenWorld {
  private constructor(
    readonly services: InProcessServices,
    readonly auth: AuthNeighbour,
    readonly gate: CheckpointGate,
  ) {}

  static async start(overrides: Parameters<typeof testConfig>[0] = {}): Promise<TokenWorld> {
    const gate = new CheckpointGate();
    const config = testConfig(overrides);
    const services = new InProcessServices(await ServiceWorld.create(config), { checkpoints: gate });
    let auth: AuthNeighbour | undefined;
    try {
      auth = await AuthNeighbour.start(services.world, config);
      await services.startAll(['session', 'token']);
      return new TokenWorld(services, auth, gate);
    } catch (error) {
      await auth?.close();
      await services.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.gate.releaseAll();
    await this.auth.close();
    await this.services.stop();
  }

  get time() {
    return this.services.world.time;
  }

  async signIn(sub = 'jane', gen = 0): Promise<string> {
    const { session } = await this.services.world.call('auth', sessionApi.start, {
      sub,
      subject_gen: gen,
      remember: false,
      amr: ['pwd'],
      acr: null,
      cookie: null,
      ip: null,
      user_agent: null,
    });
    return session.sid;
  }

  end(sid: string, reason: EndReason = 'logout') {
    return this.services.world.call('auth', sessionApi.end, { sid, reason, initiated_by: 'user', actor: null });
  }

  async code(contents: Partial<CodeContents> = {}): Promise<string> {
    const sid = contents.sid ?? (await this.signIn(contents.sub));
    const { code } = await this.services.world.call('auth', tokenApi.issueCode, {
      client_id: 'photo-shop',
      redirect_uri: REDIRECT,
      redirect_uri_sent: true,
      sub: 'jane',
      subject_gen: 0,
      sid,
      scope: DEFAULT_SCOPE,
      scope_narrowed: false,
      access_mode: 'online',
      consent_id: null,
      nonce: 'n-0S6',
      code_challenge: CHALLENGE,
      auth_time: Date.now() - 5_000,
      amr: ['pwd'],
      acr: null,
      resources: [],
      auth_time_requested: false,
      ...contents,
    });
    return code;
  }

  /** A form to the token service's public port; `client` null: no client authentication. */
  async post(path: string, form: Record<string, string> | string, client: string | null = 'photo-shop'): Promise<Answer> {
    const isPublic = client === 'photo-viewer';
    const body = typeof form === 'string' ? form : new URLSearchParams({ ...form, ...(isPublic ? { client_id: client } : {}) }).toString();
    const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' };
    if (client && !isPublic) headers.authorization = `Basic ${Buffer.from(`${client}:${secretOf(client)}`).toString('base64')}`;
    const response = await fetch(`${this.services.world.url('token')}${path}`, { method: 'POST', headers, body });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text ? (JSON.parse(text) as Record<string, unknown>) : {} };
  }

  exchange(code: string, extra: Record<string, string> = {}, client = 'photo-shop'): Promise<Answer> {
    return this.post(
      '/token',
      { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: VERIFIER, ...extra },
      client,
    );
  }

  refresh(refresh_token: string, extra: Record<string, string> = {}, client = 'photo-shop'): Promise<Answer> {
    return this.post('/token', { grant_type: 'refresh_token', refresh_token, ...extra }, client);
  }

  /** A sign-in and its tokens. */
  async tokens(contents: Partial<CodeContents> = {}): Promise<TokenSet & { sid: string }> {
    const sid = contents.sid ?? (await this.signIn(contents.sub));
    const answer = await this.exchange(await this.code({ ...contents, sid }), {}, contents.client_id ?? 'photo-shop');
    if (answer.status !== 200) throw new Error(`no tokens: ${answer.status} ${JSON.stringify(answer.body)}`);
    return { ...(answer.body as unknown as TokenSet), sid };
  }

  async grant(sid: string): Promise<Record<string, unknown>> {
    const [row] = await this.rows('SELECT * FROM token.grants WHERE sid = $1', [sid]);
    return row ?? {};
  }

  /** The log moves by itself; a spec waits for what it brings. */
  until<T>(condition: () => Promise<T | false>): Promise<T> {
    return until(condition, { timeoutMs: 10_000 });
  }

  /** Resolves when the token service goes by the new record: what other instances hear within moments. */
  async changeClient(clientId: string, change: Parameters<AuthNeighbour['change']>[1]): Promise<void> {
    await this.auth.change(clientId, change);
    const wanted = this.auth.clients.get(clientId);
    const directory = this.services.app('token').get(ClientDirectory);
    await this.until(async () => {
      const known = await directory.get(clientId);
      return isDeepStrictEqual(known?.scopes, wanted?.scopes) && isDeepStrictEqual(known?.metadata, wanted?.metadata);
    });
  }

  rows<R extends Record<string, unknown>>(text: string, params: readonly unknown[] = []): Promise<R[]> {
    return this.services.world.database.query<R>(text, params);
  }
}

export function claimsOf(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

export { STORY };
