import type { HttpApp } from '#libs/http';
import { noteAudited } from '../src/index.js';
import { claims, desk, openDesk } from './desk.js';

/** What each service's audit gets of a call without the service's doing. test/ends/every-admin-call.spec.ts asks every route of the product. */
let http: HttpApp;
beforeAll(async () => {
  http = await openDesk();
});
afterAll(() => http.close());
beforeEach(() => {
  desk.tokens = new Map([['good', claims()]]);
  Object.assign(desk, { now: 1_000_000, freshness: { fresh: true }, revoked: () => false, meanwhile: () => undefined, done: [] });
  Object.assign(desk, { kept: new Set(), audited: [], auditFails: false });
});

const call = async (method: 'GET' | 'POST', path: string, body?: object) => {
  const headers = { authorization: 'Bearer good', ...(body ? { 'content-type': 'application/json' } : {}) };
  const response = await fetch(http.publicUrl + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const change = (n = '7') => call('POST', `/admin/things/${n}/change`, { colour: 'red' });
const writing = (id: number, actor = 'client:ops') => {
  desk.meanwhile = () => noteAudited({ id, actor });
};

const CALLED = {
  actor: 'client:ops',
  action: 'admin.called',
  target: '7',
  details: { method: 'POST', route: '/admin/things/{n}/change', status: 200 },
};

test('a call that wrote nothing of its own gets one row, without what was sent', async () => {
  await change();
  expect(desk.audited).toEqual([CALLED]);
  await call('GET', '/admin/things?limit=3');
  expect(desk.audited[1]).toEqual({ ...CALLED, target: '*', details: { method: 'GET', route: '/admin/things', status: 200 } });
});

test('a call that wrote its own row gets none', async () => {
  desk.kept.add(5);
  writing(5);
  expect((await change()).status).toBe(200);
  expect(desk.audited).toEqual([]);
});

test('a row that was rolled back, or written in another’s name, does not stand for the call', async () => {
  writing(6);
  await change();
  desk.kept.add(5);
  writing(5, 'policy');
  await change();
  expect(desk.audited).toEqual([CALLED, CALLED]);
});

test('calls at the same time do not answer for each other', async () => {
  desk.kept.add(5);
  let first = true;
  desk.meanwhile = () => {
    if (first) noteAudited({ id: 5, actor: 'client:ops' });
    first = false;
  };
  await Promise.all([change(), change(), change()]);
  expect(desk.audited).toEqual([CALLED, CALLED]);
});

test.each([
  ['what it does not know', () => call('GET', '/admin/things?secret=hunter2'), 400, 'invalid_request'],
  ['what is not there', () => change('404'), 404, 'invalid_request'],
  ['an answer that was not declared', () => call('GET', '/admin/leak'), 500, 'server_error'],
])('a refusal is audited by its error: %s', async (_what, ask, status, error) => {
  expect((await ask()).status).toBe(status);
  expect(desk.audited).toMatchObject([{ actor: 'client:ops', action: 'admin.refused', target: '*', details: { status, error } }]);
  expect(JSON.stringify(desk.audited)).not.toContain('hunter2');
});

test('so is one for want of a scope; of a caller that nobody knows there is nothing to say', async () => {
  desk.tokens.set('good', claims({ scope: 'lanyard:users:read' }));
  expect((await change()).status).toBe(403);
  expect(desk.audited).toMatchObject([{ action: 'admin.refused', target: '*', details: { status: 403, error: 'insufficient_scope' } }]);
  desk.tokens.clear();
  expect((await change()).status).toBe(401);
  expect(desk.audited).toHaveLength(1);
});

test('a read whose token ended meanwhile is audited as what it was: done, and not shown', async () => {
  desk.meanwhile = () => {
    desk.revoked = () => true;
  };
  expect((await call('GET', '/admin/things')).status).toBe(401);
  expect(desk.audited.map(({ action }) => action)).toEqual(['admin.called', 'admin.refused']);
});

test('nothing is shown that could not be audited; what was done with a row of its own is said, and a refusal stands', async () => {
  desk.auditFails = true;
  expect(await call('GET', '/admin/things')).toEqual({ status: 500, body: expect.not.objectContaining({ items: expect.anything() }) });
  expect((await change('404')).status).toBe(404);
  writing(5);
  expect((await change()).status).toBe(200);
});
