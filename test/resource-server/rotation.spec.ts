import { BearerError, createResourceServer, type ResourceServer } from '#libs/resource-server';
import { STORY, secretOf, until } from '#libs/testing';
import { Operator } from '../actors/operator.js';
import { UserAgent } from '../actors/user-agent.js';
import { startWorld, type World } from '../world.js';

const LONG = { timeoutMs: 60_000 };
const PENDING_MS = 600_000;
const CALLERS = 4;
const ROTATIONS = 2;
const FORMS = [
  ['JWTs', 'signing:ES256', 'prints:order', STORY.printsApi, 'prints-api'],
  ['opaque tokens', 'sealing', 'photos:read', STORY.photosApi, 'photos-api'],
] as const;

let world: World;
let operator: Operator;
/** How far the clocks of the resource servers are ahead, as the database's is. */
let aheadMs = 0;
const clock = { monotonic: () => performance.now() + aheadMs, wall: () => Date.now() + aheadMs };

beforeAll(async () => {
  world = await startWorld({
    settings: { access_token_ttl: 3_600, max_access_token_ttl: 3_600, session_idle: 86_400, session_max: 86_400 },
  });
  operator = new Operator(world.services);
}, 60_000);
afterAll(() => world?.close());

const kidOf = (token: string) =>
  (JSON.parse(Buffer.from(token.replace('lanyard_at_', '').split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;

/** Calls without a pause, with whatever token was issued last. 503 is no verdict. */
class Callers {
  token = '';
  readonly refusals: string[] = [];
  accepted = 0;
  private calling = true;
  private readonly all: Promise<void>[];

  constructor(private readonly server: ResourceServer) {
    this.all = Array.from({ length: CALLERS }, () => this.keepCalling());
  }

  async stop(): Promise<void> {
    this.calling = false;
    await Promise.all(this.all);
  }

  private async keepCalling(): Promise<void> {
    while (this.calling) {
      const { token } = this;
      try {
        if (token !== '') await this.server.verify(`Bearer ${token}`);
        this.accepted++;
      } catch (error) {
        if (!(error instanceof BearerError)) throw error;
        if (error.status !== 503) this.refusals.push(`${error.status} ${error.message}, key ${kidOf(token)}`);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

describe.each(FORMS)('keys that take over while an API is called with %s', (_form, line, scope, audience, clientId) => {
  it('break no call: not of the new key, which the API has never seen, and not of the old one (RELIABILITY, race 18)', async () => {
    const credentials = { clientId, clientSecret: secretOf(clientId) };
    const server = await createResourceServer({ issuer: world.issuer, audience, credentials, clock });
    await until(() => server.copy.freshness().fresh, { ...LONG, what: 'a fresh copy' });
    let { access_token, refresh_token } = await world.tokensFor(new UserAgent(), world.shop, `openid ${scope} online_access`);
    const callers = new Callers(server);
    const issue = async () => {
      const { status, body } = await world.patient('photo-shop').refresh(String(refresh_token));
      expect(status).toBe(200);
      [access_token, refresh_token] = [String(body.access_token), String(body.refresh_token)];
      callers.token = access_token;
    };
    const kids = new Set([kidOf(access_token)]);
    const outdated: string[] = [];
    callers.token = access_token;
    for (let rotation = 1; rotation <= ROTATIONS; rotation++) {
      const before = access_token;
      outdated.push(before);
      operator.forget();
      expect((await operator.call('token', 'POST', `/admin/keys/lines/${encodeURIComponent(line)}/rotate`)).status).toBe(200);
      aheadMs += PENDING_MS;
      await world.advance(PENDING_MS + 1_000);
      await until(
        async () => {
          await issue();
          return kidOf(access_token) !== kidOf(before);
        },
        { ...LONG, what: 'a token of the next key' },
      );
      kids.add(kidOf(access_token));
      const reached = callers.accepted + 50;
      await until(() => callers.accepted > reached, LONG);
    }
    // every one that is not expired yet, of whatever key
    for (const token of outdated.slice(-1)) expect((await server.verify(`Bearer ${token}`)).client_id).toBe('photo-shop');
    await callers.stop();
    server.stop();
    expect(kids.size).toBe(ROTATIONS + 1);
    expect(callers.refusals).toEqual([]);
  }, 120_000);
});
