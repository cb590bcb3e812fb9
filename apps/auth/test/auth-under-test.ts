import { loadConfig } from '#libs/config';
import { ServiceWorld, testConfig } from '#libs/testing';
import { createAuthApp, type RunningAuthApp } from '../src/app.js';
import { StandIns } from './stand-ins.js';
import { Visitor } from './visitor.js';

/** auth itself, real, on a real database; the session and token services stand in. */
export class AuthUnderTest {
  private constructor(
    readonly world: ServiceWorld,
    readonly others: StandIns,
    readonly app: RunningAuthApp,
  ) {}

  static async start(clients: typeof CLIENTS = []): Promise<AuthUnderTest> {
    const config = testConfig({ clients: [...CLIENTS, ...clients] });
    const world = await ServiceWorld.create(config);
    const others = await StandIns.start(world);
    const app = await createAuthApp(loadConfig('auth', world.environment('auth')));
    return new AuthUnderTest(world, others, app);
  }

  visitor(): Visitor {
    return new Visitor(this.world.issuer);
  }

  /** How many rows a refused request could have written. */
  async written(): Promise<number> {
    const [row] = await this.world.database.query<{ n: string }>(
      `SELECT (SELECT count(*) FROM ephemeral.object) + (SELECT count(*) FROM auth.consent) + (SELECT count(*) FROM auth.audit) AS n`,
    );
    return Number(row?.n) + this.others.codes.length + this.others.starts.length;
  }

  async stop(): Promise<void> {
    await this.app?.close();
    await this.others?.close();
    await this.world?.dispose();
  }
}

const secret = (id: string) => `${id}-secret-only-for-the-tests-of-this-repository`;
const code = { grant_types: ['authorization_code', 'refresh_token'], redirect_uris: ['https://app.example/callback'] };

/** Beside the story's clients: one for each thing the authorization endpoint must tell apart. */
const CLIENTS: ({ client_id: string } & Record<string, unknown>)[] = [
  {
    client_id: 'own',
    client_secret: secret('own'),
    ...code,
    first_party: true,
    scope: 'openid profile email online_access offline_access',
  },
  {
    client_id: 'cli',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code'],
    redirect_uris: ['http://127.0.0.1/cb', 'com.example.cli:/cb'],
    scope: 'openid online_access',
  },
  { client_id: 'public-web', token_endpoint_auth_method: 'none', ...code, scope: 'openid' },
  { client_id: 'switched-off', token_endpoint_auth_method: 'none', ...code, scope: 'openid online_access' },
  {
    client_id: 'plain',
    client_secret: secret('plain'),
    grant_types: ['authorization_code'],
    redirect_uris: ['https://plain.example/cb?keep=1'],
    scope: 'photos:read openid online_access',
  },
  {
    client_id: 'two',
    client_secret: secret('two'),
    ...code,
    redirect_uris: ['https://two.example/a', 'https://two.example/b'],
    scope: 'photos:read',
  },
  { client_id: 'par', client_secret: secret('par'), ...code, require_pushed_authorization_requests: true, scope: 'openid' },
  { client_id: 'jar', client_secret: secret('jar'), ...code, require_signed_request_object: true, scope: 'openid' },
  { client_id: 'never-old', client_secret: secret('never-old'), ...code, default_max_age: 60, require_auth_time: true, scope: 'openid' },
  { client_id: 'tools', client_secret: secret('tools'), ...code, default_access_mode: 'offline', scope: 'openid photos:read' },
  { client_id: 'lonely', client_secret: secret('lonely'), grant_types: ['client_credentials'], scope: 'photos:read' },
];
