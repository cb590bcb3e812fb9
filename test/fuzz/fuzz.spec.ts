import { type InProcessServices, startServices } from '#libs/testing';
import { fuzz } from './fuzz.js';
import { surface } from './surface.js';

/** The reduced version of fuzz.deep.spec.ts. */
let services: InProcessServices;
beforeAll(async () => {
  services = await startServices();
}, 120_000);
afterAll(() => services?.stop());

it('5,000 requests over every route: no undeclared 5xx, no cut connection, and a good part of the routes is really reached', async () => {
  const { undeclared, statuses, reached } = await fuzz(services, { seed: 4, count: 5_000 });
  expect(undeclared).toEqual([]);
  if (process.env.LANYARD_FUZZ_AT) return;
  expect(statuses['200']).toBeGreaterThan(500);
  const routes = new Set(surface().map(({ service, method, path }) => `${service} ${method} ${path}`));
  expect(reached.size).toBeGreaterThan(routes.size / 2);
}, 180_000);
