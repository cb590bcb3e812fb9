import { authApi, sessionApi, tokenApi } from '#libs/contracts';
import { type ServiceWorld, STORY, secretOf, until } from '#libs/testing';
import { RawClient } from '../actors/raw-client.js';

const CALLBACK = 'http://localhost:4090/callback';
const SCOPE = ['openid', 'photos:read', 'online_access'];

interface Started {
  readonly sid: string;
  readonly accessToken: string;
}

/** Where sessions are started: services that answer internal calls and public ones, and a database to look people up in. */
export interface Stand extends Pick<ServiceWorld, 'call' | 'url'> {
  readonly database: Pick<ServiceWorld['database'], 'query'>;
}

/** Jane's sessions by the internal API, without pages or a password: argon2 would be what is measured. The code is exchanged over HTTP. */
export class QuickSessions {
  private constructor(
    private readonly world: Stand,
    private readonly sub: string,
    private readonly gen: number,
  ) {}

  static async of(world: Stand): Promise<QuickSessions> {
    const [row] = await world.database.query<{ sub: string }>('SELECT sub FROM auth.subject WHERE username = $1', [STORY.jane.username]);
    const { subject } = await world.call('token', authApi.subject, { sub: row?.sub ?? 'nobody' });
    if (!row || !subject) throw new Error('jane is not there');
    return new QuickSessions(world, row.sub, subject.gen);
  }

  /** `introspectAt`: one instance's own address. */
  client(clientId: string, introspectAt = this.world.url('introspect')): RawClient {
    const token = this.world.url('token');
    const endpoints = {
      token: `${token}/token`,
      revoke: `${token}/revoke`,
      introspect: `${introspectAt}/introspect`,
      userinfo: `${this.world.url('auth')}/userinfo`,
    };
    return new RawClient(endpoints, clientId, secretOf(clientId));
  }

  /** A session and a token that hangs from it; begun anew where 503 was told, for a code is not used twice. */
  async start(): Promise<Started> {
    const { sid, accessTokens } = await this.startWith([SCOPE]);
    return { sid, accessToken: accessTokens[0] ?? '' };
  }

  /** A session and one token for each of the scopes, all of the same client. */
  startWith(scopes: readonly (readonly string[])[]): Promise<{ readonly sid: string; readonly accessTokens: readonly string[] }> {
    return until(() => this.once(scopes), { timeoutMs: 60_000, what: 'a session and its tokens' });
  }

  private async once(scopes: readonly (readonly string[])[]) {
    const who = { sub: this.sub, subject_gen: this.gen, amr: ['pwd'], acr: null };
    const login = { ...who, remember: false, cookie: null, ip: null, user_agent: null };
    const { session } = await this.world.call('auth', sessionApi.start, login);
    const accessTokens: string[] = [];
    for (const scope of scopes) {
      const { code } = await this.world.call('auth', tokenApi.issueCode, {
        ...who,
        client_id: 'photo-shop',
        redirect_uri: CALLBACK,
        redirect_uri_sent: true,
        sid: session.sid,
        scope: [...scope],
        scope_narrowed: false,
        access_mode: 'online',
        consent_id: null,
        nonce: null,
        code_challenge: null,
        auth_time: session.auth_time,
        resources: [],
        auth_time_requested: false,
      });
      const token = await this.exchanged(code);
      if (token === null) return null;
      accessTokens.push(token);
    }
    return { sid: session.sid, accessTokens };
  }

  /** Null: told 503. */
  private async exchanged(code: string): Promise<string | null> {
    const shop = this.client('photo-shop');
    const exchange = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK };
    const { status, body } = await shop.post(shop.endpoints.token, exchange);
    if (status === 503) return null;
    if (status !== 200) throw new Error(`no tokens: ${status} ${JSON.stringify(body)}`);
    return String(body.access_token);
  }
}
