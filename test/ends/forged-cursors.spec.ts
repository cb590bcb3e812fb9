import type { ServiceName } from '#libs/contracts';
import { type InProcessServices, startServices, until } from '#libs/testing';
import { Operator } from '../actors/operator.js';

/** A cursor is a key of the list it came from. Whatever else is sent as one is refused before the database sees it. */
let services: InProcessServices;
let operator: Operator;
beforeAll(async () => {
  services = await startServices({ services: ['auth', 'session', 'token'] });
  operator = new Operator(services);
  await until(async () => (await operator.call('session', 'GET', '/admin/sessions')).status === 200, { what: 'the admin API of sessions' });
}, 360_000);
afterAll(() => services?.stop());

const LISTS: [ServiceName, path: string, list: string, fits: unknown[]][] = [
  ['auth', '/admin/users', 'users', ['jane']],
  ['auth', '/admin/clients', 'clients', ['jane']],
  ['auth', '/admin/auth/audit', 'auth/audit', [1]],
  ['session', '/admin/sessions', 'sessions', [1, 'x']],
  ['session', '/admin/deliveries', 'deliveries', [1]],
  ['session', '/admin/sessions/dead-letters', 'session/dead-letters', [1]],
  ['session', '/admin/session/audit', 'session/audit', [1]],
  ['token', '/admin/grants', 'grants', ['jane']],
  ['token', '/admin/keys', 'keys', [1, 'x']],
  ['token', '/admin/token/dead-letters', 'token/dead-letters', [1]],
  ['token', '/admin/token/audit', 'token/audit', [1]],
];

const ask = (service: ServiceName, path: string, members: unknown) =>
  operator.call(service, 'GET', `${path}?cursor=${Buffer.from(JSON.stringify(members)).toString('base64url')}`);

test.each(LISTS)('%s %s takes a key of its own, and refuses everything else with 400', async (service, path, list, fits) => {
  expect((await ask(service, path, [list, ...fits])).status).toBe(200);
  const last = fits.slice(0, -1);
  const forged: unknown[] = [
    fits,
    [list],
    [list, ...fits, 1],
    { 0: list },
    [list, ...last, 'a\0'],
    [list, ...last, '\ud800'],
    [list, ...last, ''],
    [list, ...last, 'x'.repeat(256)],
    [list, -Number.MAX_SAFE_INTEGER, ...fits.slice(1)],
    [list, Number.MAX_SAFE_INTEGER + 2, ...fits.slice(1)],
    ...(fits.length === 2 ? [[list, 8.64e15 + 1, 'x']] : []),
    ...LISTS.filter(([, , other]) => other !== list).map(([, , other, key]) => [other, ...key]),
  ];
  for (const members of forged) {
    const { status, body } = await ask(service, path, members);
    expect([members, status, body.error_description]).toEqual([members, 400, 'query.cursor: not a cursor of this list']);
  }
});
