import { createHash, randomBytes } from 'node:crypto';
import { authApi, sessionApi, tokenApi } from '#libs/contracts';
import type { InProcessServices } from '#libs/testing';

/** test/properties owns requests and histories that fast-check makes up, and the models they are compared with. No model calls product code. */
export const CALLBACK = 'http://localhost:4090/callback';

export interface CodeFor {
  readonly client: string;
  readonly sub: string;
  readonly sid: string;
  readonly scope: readonly string[];
  readonly mode: 'online' | 'offline';
  readonly redirectUri?: string;
  readonly challenge?: string | null;
  readonly resources?: readonly string[];
  readonly consentId?: string | null;
}

export const newVerifier = () => randomBytes(32).toString('base64url');
export const challengeOf = (verifier: string) => createHash('sha256').update(verifier).digest('base64url');

/** Sign-ins and codes by the internal API: no password is hashed, so hundreds of them fit a test. */
export class Stage {
  constructor(readonly services: InProcessServices) {}

  get world() {
    return this.services.world;
  }

  async subOf(username: string): Promise<string> {
    const [row] = await this.world.database.query<{ sub: string }>('SELECT sub FROM auth.subject WHERE username = $1', [username]);
    if (!row) throw new Error(`no user ${username}`);
    return row.sub;
  }

  async session(sub: string): Promise<string> {
    const started = { sub, subject_gen: await this.generation(sub), remember: false, amr: ['pwd'], acr: null };
    const { session } = await this.world.call('auth', sessionApi.start, { ...started, cookie: null, ip: null, user_agent: null });
    return session.sid;
  }

  async code({ client, sub, sid, scope, mode, redirectUri, challenge, resources, consentId }: CodeFor): Promise<string> {
    const contents = {
      client_id: client,
      redirect_uri: redirectUri ?? CALLBACK,
      redirect_uri_sent: true,
      sub,
      subject_gen: await this.generation(sub),
      sid,
      scope: [...scope],
      scope_narrowed: false,
      access_mode: mode,
      consent_id: consentId ?? null,
      nonce: null,
      code_challenge: challenge ?? null,
      auth_time: await this.world.time.now(),
      amr: ['pwd'],
      acr: null,
      resources: [...(resources ?? [])],
      auth_time_requested: false,
    };
    return (await this.world.call('auth', tokenApi.issueCode, contents)).code;
  }

  private async generation(sub: string): Promise<number> {
    return (await this.world.call('token', authApi.subject, { sub })).subject?.gen ?? 0;
  }
}
