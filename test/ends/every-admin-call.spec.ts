import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from '#libs/contracts';
import { until } from '#libs/testing';
import { type AdminMethod, Operator } from '../actors/operator.js';
import { startWorld, type World } from '../world.js';
import { type Life, signedIn } from './life.js';

/** Every call of an operator leaves a row in the audit of the service that it was made to: reads, changes, what changed nothing, and refusals. */
type Owner = Extract<ServiceName, 'auth' | 'session' | 'token'>;
interface Documented {
  readonly service: Owner;
  readonly method: AdminMethod;
  readonly route: string;
  readonly scope: string;
}

let world: World;
let operator: Operator;
let life: Life;
let documented: Documented[];
beforeAll(async () => {
  world = await startWorld();
  operator = new Operator(world.services);
  life = await signedIn(world);
  documented = (await Promise.all((['auth', 'session', 'token'] as const).map(routesOf))).flat();
  await until(async () => (await operator.call('session', 'GET', '/admin/sessions')).status === 200, { what: 'the admin API of sessions' });
}, 360_000);
afterAll(() => world?.close());

async function routesOf(service: Owner): Promise<Documented[]> {
  type Operations = Record<string, { security: { admin: [string] }[] }>;
  const document = (await (await fetch(`${world.stand.url(service)}/admin/${service}/openapi.json`)).json()) as {
    paths: Record<string, Operations>;
  };
  return Object.entries(document.paths).flatMap(([route, operations]) =>
    Object.entries(operations).map(([method, { security }]) => ({
      ...{ service, route, method: method.toUpperCase() as AdminMethod },
      scope: String(security[0]?.admin[0]),
    })),
  );
}

interface Row {
  readonly action: string;
  readonly target: string;
  readonly request_id: string;
  readonly details: Record<string, unknown>;
}

/** What the service's audit got of one call. */
async function rowsOf(service: Owner, call: { method: AdminMethod; path: string; body?: unknown }, by = operator) {
  const [last] = await world.stand.database.query(`SELECT coalesce(max(id), 0) AS id FROM ${service}.audit`);
  const answer = await by.call(service, call.method, call.path, call.body);
  const rows = await world.stand.database.query<Row & Record<string, unknown>>(
    `SELECT action, target, request_id, details FROM ${service}.audit WHERE id > $1 AND request_id = $2 ORDER BY id`,
    [last?.id, answer.headers.get('x-request-id')],
  );
  return { answer, rows };
}

const MANAGED = { application_type: 'service', grant_types: ['client_credentials'], token_endpoint_auth_method: 'client_secret_basic' };
const PASSWORD = 'a password of thirty-two characters';
/** What a later call needs of an earlier one's answer. */
const kept = { sub: '', client: '', secret: '', gid: '', kid: '', plan: '', delivery: '' };
const text = () => readFileSync(join(world.stand.folder, 'lanyard.yaml'), 'utf8');
type Body = Record<string, unknown>;
const first = async (sql: string, params: unknown[]) => String((await world.stand.database.query(sql, params))[0]?.value);
const dead = async () => {
  const change = "UPDATE session.delivery SET state = 'dead', finished_at = lanyard.now() WHERE delivery_id = $1";
  const value = await first('SELECT delivery_id AS value FROM session.delivery WHERE sid = $1 LIMIT 1', [life.sid]);
  await world.stand.database.query(change, [value]);
  return value;
};

/** Numbers without an event. */
const deadLetter = (schema: 'session' | 'token', id: number) =>
  world.stand.database.query(
    `INSERT INTO ${schema}.dead_letter (id, source, stream, partition, pseq, reason, tries, at) OVERRIDING SYSTEM VALUE
     VALUES ($1, 'auth', 'events', 0, $1, 'swept', 0, lanyard.now())`,
    [id],
  );

interface Case {
  readonly of: `${Owner} ${AdminMethod} /admin/${string}`;
  readonly writes: string[];
  readonly body?: () => unknown;
  /** Values of the path. */
  readonly path?: () => string[];
  readonly before?: () => Promise<void>;
  readonly after?: (body: Body) => void;
}
const sub = () => [kept.sub];
const client = () => [kept.client];
const sid = () => [life.sid];
const called = ['admin.called'];

/** In this order: most need what those before them made. */
const CASES: Case[] = [
  { of: 'auth GET /admin/users', writes: ['subjects.listed'] },
  {
    of: 'auth POST /admin/users',
    writes: ['subject.created'],
    body: () => ({ username: 'audited', password: PASSWORD }),
    after: (body) => Object.assign(kept, { sub: body.sub }),
  },
  { of: 'auth GET /admin/users/{sub}', writes: ['subject.read'], path: sub },
  { of: 'auth GET /admin/users/{sub}/consents', writes: ['subject.read'], path: () => [life.sub] },
  { of: 'auth POST /admin/users/{sub}/consents/{client_id}/revoke', writes: called, path: () => [kept.sub, 'photo-shop'] },
  {
    of: 'auth POST /admin/users/{sub}/consents/{client_id}/revoke',
    writes: ['consent.revoked', 'consent.grants_revoked'],
    path: () => [life.sub, 'photo-shop'],
  },
  { of: 'auth POST /admin/users/{sub}/enable', writes: called, path: sub },
  { of: 'auth POST /admin/users/{sub}/disable', writes: ['subject.disabled'], path: sub },
  { of: 'auth POST /admin/users/{sub}/disable', writes: called, path: sub },
  { of: 'auth POST /admin/users/{sub}/enable', writes: ['subject.enabled'], path: sub },
  { of: 'auth POST /admin/users/{sub}/revoke-all', writes: ['subject.revoked_all'], path: sub },
  {
    of: 'auth POST /admin/users/{sub}/password',
    writes: ['subject.password_changed'],
    path: sub,
    body: () => ({ password: `${PASSWORD} more` }),
  },
  { of: 'auth GET /admin/clients', writes: called },
  {
    of: 'auth POST /admin/clients',
    writes: ['client.created'],
    body: () => ({ metadata: MANAGED }),
    after: (body) => Object.assign(kept, { client: (body.client as Body).client_id }),
  },
  { of: 'auth GET /admin/clients/{client_id}', writes: called, path: client },
  {
    of: 'auth PATCH /admin/clients/{client_id}',
    writes: ['client.updated'],
    path: client,
    body: () => ({ metadata: { client_name: 'Named' } }),
  },
  { of: 'auth PATCH /admin/clients/{client_id}', writes: called, path: client, body: () => ({ metadata: { client_name: 'Named' } }) },
  { of: 'auth POST /admin/clients/{client_id}/enable', writes: called, path: client },
  { of: 'auth POST /admin/clients/{client_id}/disable', writes: ['client.disabled'], path: client },
  { of: 'auth POST /admin/clients/{client_id}/disable', writes: called, path: client },
  { of: 'auth POST /admin/clients/{client_id}/enable', writes: ['client.enabled'], path: client },
  {
    of: 'auth POST /admin/clients/{client_id}/secrets',
    writes: ['client.secret_added'],
    path: client,
    after: (body) => Object.assign(kept, { secret: body.secret_id }),
  },
  {
    of: 'auth DELETE /admin/clients/{client_id}/secrets/{secret_id}',
    writes: ['client.secret_removed'],
    path: () => [kept.client, kept.secret],
  },
  {
    of: 'auth POST /admin/configuration/plan',
    writes: called,
    body: () => ({ text: text() }),
    after: (body) => Object.assign(kept, { plan: body.plan }),
  },
  { of: 'auth POST /admin/configuration/apply', writes: called, body: () => ({ text: text(), plan: kept.plan }) },
  { of: 'auth GET /admin/auth/unread-events', writes: ['unread_event.listed'] },
  { of: 'auth POST /admin/auth/unread-events/replay', writes: called, body: () => ({ event_ids: ['nothing'] }) },
  { of: 'auth GET /admin/auth/audit', writes: ['audit.read'] },
  {
    of: 'token GET /admin/grants',
    writes: ['grant.listed'],
    before: async () => {
      kept.gid = await first('SELECT gid AS value FROM token.grants WHERE revoked_at IS NULL LIMIT 1', []);
    },
  },
  { of: 'token GET /admin/grants/{gid}', writes: ['grant.read'], path: () => [kept.gid] },
  { of: 'token POST /admin/grants/{gid}/revoke', writes: ['grant.revoked'], path: () => [kept.gid] },
  { of: 'token POST /admin/grants/{gid}/revoke', writes: called, path: () => [kept.gid] },
  { of: 'token POST /admin/grants/revoke', writes: called, body: () => ({ sub: 'nobody' }) },
  {
    of: 'token GET /admin/keys',
    writes: called,
    after: ({ items }) => {
      const key = (items as Body[]).find(({ purpose, state }) => purpose === 'refresh_mac' && state === 'active');
      Object.assign(kept, { kid: key?.kid });
    },
  },
  { of: 'token POST /admin/keys/lines/{line}/rotate', writes: ['key.rotated'], path: () => ['refresh_mac'] },
  { of: 'token POST /admin/keys/{kid}/revoke', writes: ['key.revoked'], path: () => [kept.kid] },
  { of: 'token POST /admin/keys/{kid}/revoke', writes: called, path: () => [kept.kid] },
  { of: 'token GET /admin/token/dead-letters', writes: ['dead_letter.listed'] },
  { of: 'token POST /admin/token/dead-letters/replay', writes: called, body: () => ({ ids: [4_000_000] }) },
  { of: 'token POST /admin/token/dead-letters/close', writes: called, body: () => ({ ids: [4_000_000], reason: 'not there' }) },
  {
    of: 'token POST /admin/token/dead-letters/close',
    writes: ['dead_letter.closed', 'dead_letter.closed'],
    body: () => ({ ids: [5_000_000, 5_000_001], reason: 'nothing to hand over' }),
    before: async () => {
      for (const id of [5_000_000, 5_000_001]) await deadLetter('token', id);
    },
  },
  { of: 'token GET /admin/token/audit', writes: ['audit.read'] },
  { of: 'session GET /admin/sessions', writes: ['session.listed'] },
  { of: 'session GET /admin/sessions/{sid}', writes: ['session.read'], path: sid },
  {
    of: 'session POST /admin/sessions/{sid}/participants/{client_id}/end',
    writes: ['participant.ended'],
    path: () => [life.sid, 'photo-shop'],
  },
  { of: 'session POST /admin/sessions/{sid}/participants/{client_id}/end', writes: called, path: () => [life.sid, 'photo-shop'] },
  { of: 'session POST /admin/sessions/{sid}/end', writes: ['session.ended'], path: sid },
  { of: 'session POST /admin/sessions/{sid}/end', writes: called, path: sid },
  { of: 'session POST /admin/sessions/end', writes: called, body: () => ({ sub: 'nobody' }) },
  { of: 'session GET /admin/deliveries', writes: ['delivery.listed'] },
  {
    of: 'session POST /admin/deliveries/{delivery_id}/replay',
    writes: ['delivery.replayed'],
    path: () => [kept.delivery],
    before: async () => {
      kept.delivery = await dead();
    },
  },
  { of: 'session POST /admin/deliveries/replay', writes: called, body: () => ({ client_id: 'nobody' }) },
  { of: 'session GET /admin/sessions/dead-letters', writes: ['dead_letter.listed'] },
  { of: 'session POST /admin/sessions/dead-letters/replay', writes: called, body: () => ({ ids: [4_000_000] }) },
  {
    of: 'session POST /admin/sessions/dead-letters/replay',
    writes: ['dead_letter.replay_failed'],
    body: () => ({ ids: [5_000_000] }),
    before: async () => void (await deadLetter('session', 5_000_000)),
  },
  { of: 'session POST /admin/sessions/dead-letters/close', writes: called, body: () => ({ ids: [4_000_000], reason: 'not there' }) },
  {
    of: 'session POST /admin/sessions/dead-letters/close',
    writes: ['dead_letter.closed'],
    body: () => ({ ids: [5_000_000], reason: 'nothing to hand over' }),
  },
  { of: 'session GET /admin/session/unread-events', writes: ['unread_event.listed'] },
  { of: 'session POST /admin/session/unread-events/replay', writes: called, body: () => ({ all: true }) },
  { of: 'session GET /admin/session/audit', writes: ['audit.read'] },
  { of: 'session GET /admin/session/status', writes: called },
];

test('no route is left out below', () => {
  const routes = documented.map(({ service, method, route }) => `${service} ${method} ${route}`);
  expect([...new Set(CASES.map(({ of }) => of))].toSorted()).toEqual(routes.toSorted());
});

test.each(CASES)('$of writes $writes', async ({ of, writes, body, path, before, after }) => {
  const [service, method, route] = of.split(' ') as [Owner, AdminMethod, string];
  await before?.();
  const values = path?.() ?? [];
  const filled = values.reduce((so, value) => so.replace(/\{\w+\}/, encodeURIComponent(value)), route);
  const { answer, rows } = await rowsOf(service, { method, path: filled, ...(body ? { body: body() } : {}) });
  expect(answer.body.error_description).toBeUndefined();
  expect(rows.map(({ action }) => action)).toEqual(writes);
  if (writes === called) {
    expect(rows[0]).toMatchObject({ target: values[0] ?? '*', details: { method, route, status: answer.status } });
    expect(Object.keys(rows[0]?.details ?? {}).toSorted()).toEqual(['method', 'route', 'status']);
  }
  after?.(answer.body);
});

describe('a refused call of a known caller is audited, by its error and not by what was sent', () => {
  const refused = async (route: Documented, status: number, error: string, query: string, by?: Operator) => {
    const path = `${route.route.replaceAll(/\{\w+\}/g, 'a-pasted-secret')}${query}`;
    const { answer, rows } = await rowsOf(route.service, { method: route.method, path }, by);
    const details = { method: route.method, route: route.route, status, error };
    expect([answer.status, rows]).toEqual([status, [expect.objectContaining({ action: 'admin.refused', target: '*', details })]]);
  };

  it('every route: input that it does not know', async () => {
    for (const route of documented) await refused(route, 400, 'invalid_request', '?nonsense=1');
  });

  it('every route: a scope that the caller lacks', async () => {
    const having = async (scope: string) => {
      const { body } = await operator.call('auth', 'POST', '/admin/clients', { metadata: { ...MANAGED, scope } });
      expect(body.error_description).toBeUndefined();
      return new Operator(world.services, String((body.client as Body).client_id), String(body.client_secret));
    };
    const [keys, status] = [await having('lanyard:keys:read'), await having('lanyard:status:read')];
    for (const route of documented) {
      await refused(route, 403, 'insufficient_scope', '', route.scope === 'lanyard:status:read' ? keys : status);
    }
  });

  it('what is not there, and what does not fit its state', async () => {
    const { rows } = await rowsOf('session', { method: 'POST', path: '/admin/sessions/a-pasted-secret/end' });
    expect(rows).toMatchObject([{ action: 'admin.refused', target: '*', details: { status: 404 } }]);
    const ended = await rowsOf('session', { method: 'POST', path: `/admin/sessions/${life.sid}/participants/photo-shop/end` });
    expect(ended.rows).toMatchObject([{ action: 'admin.refused', target: life.sid, details: { status: 409 } }]);
  });
});

test('nothing is read whose audit can not be written, by any route', async () => {
  const { database } = world.stand;
  for (const schema of ['auth', 'session', 'token']) {
    await database.query(`CREATE FUNCTION ${schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused by the test'; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON ${schema}.audit FOR EACH ROW EXECUTE FUNCTION ${schema}.refuse()`);
  }
  const read = CASES.filter(({ of }) => of.includes(' GET '));
  for (const { of, path } of read) {
    const [service, method, route] = of.split(' ') as [Owner, AdminMethod, string];
    const filled = (path?.() ?? []).reduce((so, value) => so.replace(/\{\w+\}/, encodeURIComponent(value)), route);
    const { status, body } = await operator.call(service, method, filled);
    expect([of, status, Object.keys(body).toSorted()]).toEqual([of, 500, ['error', 'error_description']]);
  }
});
