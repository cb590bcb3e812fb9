import { authApi, type ServiceName, sessionApi, tokenApi } from '#libs/contracts';
import { ServiceTokens } from '#libs/http';
import { type InProcessServices, type SpawnedServices, STORY, secretOf } from '#libs/testing';
import { answerOf, basic } from '../actors/raw-client.js';

const SCOPE = ['openid', 'photos:read', 'online_access'];
const CALLBACK = 'http://localhost:4090/callback';
const CALLERS = ['auth', 'session', 'token', 'introspect'] as const;

/** Real values under the names that requests use, and the right credentials: without them a fuzzer only tests the door. */
export class Pool {
  private values: Record<string, readonly string[]> = {};
  private readonly signers: Record<ServiceName, ServiceTokens>;
  adminToken = '';
  cookie = '';

  constructor(private readonly services: Pick<InProcessServices | SpawnedServices, 'world'>) {
    this.signers = Object.fromEntries(
      CALLERS.map((name) => {
        const { LANYARD_SERVICE_KEY = '', LANYARD_SERVICE_KEYS = '' } = services.world.environment(name);
        return [
          name,
          new ServiceTokens(name, { privateJwk: JSON.parse(LANYARD_SERVICE_KEY), publicJwks: JSON.parse(LANYARD_SERVICE_KEYS) }),
        ];
      }),
    ) as Record<ServiceName, ServiceTokens>;
  }

  known = (name: string): readonly string[] => (Object.hasOwn(this.values, name) ? (this.values[name] ?? []) : []);

  serviceToken(caller: ServiceName, callee: ServiceName | '*'): string {
    return this.signers[caller].for(callee);
  }

  /** A new session with tokens, by the internal API: no password is hashed, no counter moved. */
  async renew(): Promise<void> {
    const { world } = this.services;
    this.adminToken = String((await this.token('admin-cli', { grant_type: 'client_credentials' })).access_token);
    const [jane, john] = await Promise.all([this.subOf('jane'), this.subOf('john')]);
    const { subject } = await world.call('token', authApi.subject, { sub: jane });
    const login = {
      sub: jane,
      subject_gen: subject?.gen ?? 0,
      remember: false,
      amr: ['pwd'],
      acr: null,
      cookie: null,
      ip: null,
      user_agent: null,
    };
    const { session, cookie } = await world.call('auth', sessionApi.start, login);
    this.cookie = cookie;
    const contents = {
      client_id: 'photo-shop',
      redirect_uri: CALLBACK,
      redirect_uri_sent: true,
      sub: jane,
      subject_gen: subject?.gen ?? 0,
      sid: session.sid,
      scope: SCOPE,
      scope_narrowed: false,
      access_mode: 'online' as const,
      consent_id: null,
      nonce: null,
      code_challenge: null,
      auth_time: session.auth_time,
      amr: ['pwd'],
      acr: null,
      resources: [],
      auth_time_requested: false,
    };
    const issued = async () => (await world.call('auth', tokenApi.issueCode, contents)).code;
    const tokens = await this.token('photo-shop', { grant_type: 'authorization_code', code: await issued(), redirect_uri: CALLBACK });
    const text = (name: string) => String(tokens[name] ?? 'none');
    const any = [text('access_token'), text('refresh_token'), text('id_token')];
    this.values = {
      token: any,
      access_token: any,
      refresh_token: [text('refresh_token')],
      id_token_hint: [text('id_token')],
      code: [await issued()],
      cookie: [cookie],
      sid: [session.sid],
      except_sid: [session.sid],
      keep_sid: [session.sid],
      // jane's generation stays: the next session is hers
      sub: [john],
      user: [john],
      // photo-shop stays: the pool's tokens are its own
      client_id: ['photo-book', 'print-press', 'nobody'],
      client: ['photo-book', 'print-press'],
      client_secret: [secretOf('photo-shop')],
      username: ['nobody'],
      redirect_uri: [CALLBACK, 'http://localhost:4091/callback'],
      post_logout_redirect_uri: ['http://localhost:4090/goodbye'],
      response_type: ['code'],
      grant_type: ['authorization_code', 'refresh_token', 'client_credentials'],
      scope: ['openid photos:read online_access', 'openid', 'photos:read'],
      code_challenge: ['E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'],
      code_verifier: ['dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'],
      code_challenge_method: ['S256'],
      prompt: ['none', 'login', 'consent'],
      resource: [STORY.photosApi, STORY.printsApi],
      limit: ['1', '50'],
      line: ['sealing', 'refresh-mac', 'ES256'],
      answer: ['allow', 'deny', 'yes', 'no'],
      alg: ['ES256', 'RS256'],
    };
  }

  private async token(clientId: string, form: Record<string, string>): Promise<Record<string, unknown>> {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', authorization: basic(clientId, secretOf(clientId)) };
    const url = `${this.services.world.url('token')}/token`;
    return (await answerOf(await fetch(url, { method: 'POST', headers, body: new URLSearchParams(form).toString() }))).body;
  }

  private async subOf(username: string): Promise<string> {
    const rows = await this.services.world.database.query<{ sub: string }>('SELECT sub FROM auth.subject WHERE username = $1', [username]);
    return rows[0]?.sub ?? 'nobody';
  }
}
