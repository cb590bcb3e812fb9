import { SERVICES, type ServiceName, sessionApi } from '#libs/contracts';
import { runWithRequestId } from '#libs/http';
import { type SpawnedServices, until } from '#libs/testing';
import { UserAgent } from '../actors/user-agent.js';
import { spawnWorld, type World } from '../world.js';

/** What an operator finds when they look for one request, or for one session's end, in four logs. */
let world: World<SpawnedServices>;
beforeAll(async () => {
  world = await spawnWorld({ env: { LANYARD_LOG_LEVEL: 'debug', LANYARD_TRUSTED_PROXIES: '127.0.0.1,::1' } });
}, 360_000);
afterAll(() => world?.close(), 180_000);

type Line = Record<string, unknown> & { msg: string };
const lines = (service: ServiceName): Line[] =>
  world.services
    .log(service)
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);

const having = (service: ServiceName, field: string, value: unknown) => lines(service).filter((line) => line[field] === value);
const eventually = (service: ServiceName, what: Partial<Line>) =>
  until(() => lines(service).find((line) => Object.entries(what).every(([field, value]) => line[field] === value)), {
    what: `${service} logs ${JSON.stringify(what)}`,
  });

async function signedIn() {
  const tokens = await world.tokensFor(new UserAgent(), world.shop, 'openid photos:read online_access');
  const { body } = await world.raw('gateway').introspect(tokens.access_token);
  return { tokens, sid: String(body.sid) };
}

it('one request keeps the id that a trusted proxy gave it through every service it reaches', async () => {
  const { tokens } = await signedIn();
  const requestId = 'a-request-of-the-tests.1';
  const answer = await fetch(world.endpoints.token, {
    method: 'POST',
    headers: {
      'x-request-id': requestId,
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${Buffer.from(`photo-shop:${world.raw('photo-shop').secret}`).toString('base64')}`,
    },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token }),
  });
  expect([answer.status, answer.headers.get('x-request-id')]).toEqual([200, requestId]);
  await eventually('token', { request_id: requestId, route: '/token', status: 200, listener: 'public' });
  await eventually('session', { request_id: requestId, route: '/internal/sessions/truth', status: 200, listener: 'internal' });
});

it('one end keeps its end_id from the transaction to the last logout token, in every service', async () => {
  const { sid } = await signedIn();
  const cause = { reason: 'admin', initiated_by: 'admin', actor: null } as const;
  const end = () => world.stand.call('auth', sessionApi.end, { sid, ...cause });
  const { end_id, confirmed } = await runWithRequestId('the-end.1', end);
  expect(confirmed).toBe(true);
  const ended = await eventually('session', { msg: 'session ended', end_id });
  expect(ended).toMatchObject({ sid, reason: 'admin', initiated_by: 'admin', request_id: 'the-end.1' });
  await eventually('session', { msg: 'session end hinted', end_id, confirmed: true, request_id: 'the-end.1' });
  for (const service of ['auth', 'token', 'introspect'] as const) {
    const applied = await eventually(service, { msg: 'session end in the view', end_id, sid });
    expect(applied).toMatchObject({ via: expect.stringMatching(/^(hint|log)$/), delay_ms: expect.any(Number) });
  }
  await eventually('token', { msg: 'grants of an ended session revoked', end_id, sid, reason: 'admin', count: 1 });
  await eventually('session', { msg: 'logout token delivered', end_id, sid, client_id: 'photo-shop', attempt: 1 });
  // The hint carries the request's id as well, so the two can be joined.
  await eventually('introspect', { route: '/internal/hints', request_id: 'the-end.1' });
});

it('every line of a cascade that names the session names the end, also when it comes late and by the log alone', async () => {
  const { sid } = await signedIn();
  world.receivers['photo-shop'].answerNext({ status: 503 });
  await world.services.signal('introspect', 'SIGSTOP');
  const { end_id } = await world.stand.call('auth', sessionApi.end, { sid, reason: 'risk', initiated_by: 'policy', actor: null });
  await eventually('session', { msg: 'logout token not delivered yet', end_id });
  await world.services.signal('introspect', 'SIGCONT');
  await eventually('introspect', { msg: 'session end in the view', end_id });
  for (const service of SERVICES) {
    for (const line of having(service, 'sid', sid)) expect(line).toMatchObject({ end_id });
  }
});

it('a handler that fails says which end it failed for', async () => {
  const { sid } = await signedIn();
  await world.stand.database.query('ALTER TABLE token.subject_generations RENAME TO away');
  await world.stand.database.query('ALTER TABLE token.handled_event RENAME TO handled_away');
  const { end_id } = await world.stand.call('auth', sessionApi.end, { sid, reason: 'admin', initiated_by: 'admin', actor: null });
  const failed = await eventually('token', { msg: 'event handler failed', end_id });
  expect(failed).toMatchObject({ name: 'SessionEnded', source: 'session', attempt: 1, error: expect.any(String) });
  await world.stand.database.query('ALTER TABLE token.handled_away RENAME TO handled_event');
  await world.stand.database.query('ALTER TABLE token.away RENAME TO subject_generations');
});
