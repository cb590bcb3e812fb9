import { sessionApi } from '#libs/contracts';
import { BearerError, createResourceServer, type ResourceServer } from '#libs/resource-server';
import { STORY, secretOf, until } from '#libs/testing';
import { Operator } from '../actors/operator.js';
import { UserAgent } from '../actors/user-agent.js';
import { startWorld, type World } from '../world.js';

const LONG = { timeoutMs: 30_000 };
const FORMS = [
  ['an opaque token', 'photos:read', STORY.photosApi, 'photos-api'],
  ['a JWT', 'prints:order', STORY.printsApi, 'prints-api'],
] as const;

let world: World;
let operator: Operator;
const servers = new Map<string, ResourceServer>();
beforeAll(async () => {
  world = await startWorld();
  operator = new Operator(world.services);
  for (const [, , audience, clientId] of FORMS) {
    const credentials = { clientId, clientSecret: secretOf(clientId) };
    servers.set(audience, await createResourceServer({ issuer: world.issuer, audience, credentials }));
  }
}, 60_000);
afterAll(async () => {
  for (const server of servers.values()) server.stop();
  await world?.close();
});

const serverFor = (audience: string) => servers.get(audience) as ResourceServer;
const isFresh = (server: ResourceServer) => until(() => server.copy.freshness().fresh, { ...LONG, what: 'a fresh copy' });
const tokenFor = (scope: string) => world.tokensFor(new UserAgent(), world.shop, `openid ${scope} online_access`);

async function refusal(work: Promise<unknown>): Promise<BearerError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof BearerError) return error;
  throw new Error('it was not refused', { cause: error });
}

describe.each(FORMS)('a resource server that is shown %s', (_form, scope, audience) => {
  it('accepts it, and refuses it within the bound of the end of its session', async () => {
    const server = serverFor(audience);
    await isFresh(server);
    const { access_token, id_token } = await tokenFor(scope);
    const header = `Bearer ${access_token}`;
    const token = await server.verify(header, { scopes: [scope] });
    const { sid } = JSON.parse(Buffer.from(id_token.split('.')[1] ?? '', 'base64url').toString()) as { sid: string };
    expect(token).toMatchObject({ iss: world.issuer, client_id: 'photo-shop', sid });
    await world.stand.call('auth', sessionApi.end, { sid, reason: 'admin', initiated_by: 'admin', actor: null });
    const acknowledged = performance.now();
    const last = { accepted: acknowledged };
    await until(async () => {
      const asked = performance.now();
      const accepted = await server.verify(header).then(
        () => true,
        (error: unknown) => error instanceof BearerError && error.status === 503,
      );
      if (accepted) last.accepted = asked;
      return !accepted;
    }, LONG);
    expect(last.accepted - acknowledged).toBeLessThan(2_000);
    expect((await refusal(server.verify(header))).headers['www-authenticate']).toContain('Bearer error="invalid_token"');
  });

  it('refuses it where it lacks a scope, and where another audience is meant', async () => {
    const server = serverFor(audience);
    await isFresh(server);
    const { access_token } = await tokenFor(scope);
    const lacking = await refusal(server.verify(`Bearer ${access_token}`, { scopes: [scope, 'admin'] }));
    expect(lacking.status).toBe(403);
    expect(lacking.headers['www-authenticate']).toMatch(new RegExp(`^Bearer error="insufficient_scope", .*, scope="${scope} admin"$`));
    const [other] = [...servers].flatMap(([name, one]) => (name === audience ? [] : [one])) as [ResourceServer];
    expect((await refusal(other.verify(`Bearer ${access_token}`))).status).toBe(401);
  });

  it('refuses it once it was killed here, and only here', async () => {
    const server = serverFor(audience);
    await isFresh(server);
    const { access_token } = await tokenFor(scope);
    await server.verify(`Bearer ${access_token}`);
    server.kill(access_token);
    expect((await refusal(server.verify(`Bearer ${access_token}`))).status).toBe(401);
  });

  it('refuses it when all that its user has was revoked, and takes the tokens of the next sign-in', async () => {
    const server = serverFor(audience);
    await isFresh(server);
    const { access_token } = await tokenFor(scope);
    const { sub } = await server.verify(`Bearer ${access_token}`);
    expect((await operator.call('auth', 'POST', `/admin/users/${sub}/revoke-all`)).status).toBe(200);
    await until(async () => (await refusal(server.verify(`Bearer ${access_token}`))).status === 401, LONG);
    const next = await tokenFor(scope);
    await until(async () => (await server.verify(`Bearer ${next.access_token}`)).sub === sub, LONG);
  });

  it('refuses it when the key that it came under was revoked, and takes tokens of the next key', async () => {
    const server = serverFor(audience);
    await isFresh(server);
    const { access_token } = await tokenFor(scope);
    await server.verify(`Bearer ${access_token}`);
    const line = encodeURIComponent(scope === 'prints:order' ? 'signing:ES256' : 'sealing');
    const { body } = await operator.call('token', 'GET', `/admin/keys?line=${line}&state=active`);
    const [key] = body.items as { kid: string }[];
    expect((await operator.call('token', 'POST', `/admin/keys/${key?.kid}/revoke`)).status).toBe(200);
    operator.forget();
    await until(async () => (await refusal(server.verify(`Bearer ${access_token}`))).status === 401, LONG);
    const next = await tokenFor(scope);
    await until(async () => (await server.verify(`Bearer ${next.access_token}`)).scope?.includes(scope), LONG);
  });

  it('refuses it when the token alone was revoked', async () => {
    const server = serverFor(audience);
    await isFresh(server);
    const { access_token } = await tokenFor(scope);
    await server.verify(`Bearer ${access_token}`);
    expect((await world.raw('photo-shop').revoke(access_token)).status).toBe(200);
    await until(async () => (await refusal(server.verify(`Bearer ${access_token}`))).status === 401, LONG);
  });
});
