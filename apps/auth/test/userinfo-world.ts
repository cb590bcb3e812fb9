import { loadConfig } from '#libs/config';
import { randomId } from '#libs/database';
import type { AccessTokenClaims } from '#libs/protocol';
import { ViewService } from '#libs/revocation-host';
import { CheckpointGate, ServiceWorld, STORY, secretOf, testConfig, until } from '#libs/testing';
import { createAuthApp, type RunningAuthApp } from '../src/app.js';
import { LogOwners } from './log-owners.js';
import { TokenOwner } from './token-owner.js';

const web = (client_id: string, more: Record<string, unknown> = {}) => ({
  client_id,
  client_secret: secretOf(client_id),
  redirect_uris: [`https://${client_id}.example/callback`],
  scope: 'openid',
  ...more,
});
const ADDRESS = { formatted: '1 Photo Lane', country: 'SE' };

/** auth with the story's people, and some more clients; the rest of the cluster is its logs and `TokenOwner`. */
export class UserinfoWorld {
  readonly gates = new CheckpointGate();
  app!: RunningAuthApp;

  private constructor(
    readonly world: ServiceWorld,
    readonly logs: LogOwners,
    readonly tokens: TokenOwner,
    readonly jane: string,
  ) {}

  static async start(): Promise<UserinfoWorld> {
    const world = await ServiceWorld.create(
      testConfig({
        clients: [
          web('switched-off'),
          web('re-enabled'),
          web('signed', { userinfo_signed_response_alg: 'ES256' }),
          web('sealed', { userinfo_encrypted_response_alg: 'RSA-OAEP-256' }),
        ],
        users: [
          {
            ...STORY.jane,
            claims: { name: 'Jane Doe', email: 'jane@photos.example', email_verified: true, phone_number: '+46 1', address: ADDRESS },
          },
          { username: 'gone', password: 'gone gone gone gone' },
          { username: 'back-again', password: 'back back back back' },
        ],
      }),
    );
    const config = loadConfig('auth', world.environment('auth'));
    const tokens = await TokenOwner.start(world.issuer, config.sealingKek);
    const internal = { LANYARD_INTERNAL_URLS: JSON.stringify({ token: tokens.url, session: tokens.url }) };
    const logs = await LogOwners.start(world.database, config.dataDir);
    const gates = new CheckpointGate();
    const app = await createAuthApp(loadConfig('auth', { ...world.environment('auth'), ...internal }), { checkpoints: gates });
    await world.ready('auth');
    const self = new UserinfoWorld(world, logs, tokens, await subOf(world, 'jane'));
    return Object.assign(self, { app, gates });
  }

  get url(): string {
    return `${this.world.issuer}/userinfo`;
  }

  get view() {
    return this.app.app.get(ViewService, { strict: false }).view;
  }

  sub(username: string): Promise<string> {
    return subOf(this.world, username);
  }

  claims(over: Partial<AccessTokenClaims> = {}): AccessTokenClaims {
    const iat = Math.floor(Date.now() / 1_000);
    const ids = { jti: randomId(), sid: randomId(), gid: randomId(), sub: this.jane };
    const { issuer: iss } = this.world;
    return { iss, aud: iss, client_id: 'photo-shop', scope: 'openid profile email', iat, exp: iat + 300, gen: [1, 1], ...ids, ...over };
  }

  opaque(over: Partial<AccessTokenClaims> = {}): string {
    return this.tokens.opaque(this.claims(over));
  }

  get(token: string): Promise<Response> {
    return fetch(this.url, { headers: { authorization: `Bearer ${token}` } });
  }

  post(form: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.url, { method: 'POST', body: new URLSearchParams(form), headers });
  }

  /** No proof arrives any more: what an owner's database that can't be read looks like from here. */
  async stopProofs(): Promise<void> {
    await this.world.database.query('REVOKE USAGE ON SCHEMA session FROM lanyard_log');
    await until(() => !this.view.freshness().fresh, { what: 'the view is not fresh' });
  }

  async resumeProofs(): Promise<void> {
    await this.world.database.query('GRANT USAGE ON SCHEMA session TO lanyard_log');
    await until(() => this.view.freshness().fresh, { what: 'the view is fresh again' });
  }

  async close(): Promise<void> {
    this.gates.releaseAll();
    await this.app?.close();
    await this.logs.close();
    await this.tokens.close();
    await this.world.dispose();
  }
}

async function subOf({ database }: ServiceWorld, username: string): Promise<string> {
  const [row] = await database.query<{ sub: string }>('SELECT sub FROM auth.subject WHERE username = $1', [username]);
  if (!row) throw new Error(`no user ${username}`);
  return row.sub;
}
