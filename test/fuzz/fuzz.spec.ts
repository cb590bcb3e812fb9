import { type InProcessServices, startServices } from '#libs/testing';
import { fuzz, routeOf } from './fuzz.js';
import { NOT_REACHED } from './not-reached.js';
import { surface } from './surface.js';
import { FUZZ_CONFIG } from './world.js';

/** The reduced version of fuzz.deep.spec.ts. */
let services: InProcessServices;
beforeAll(async () => {
  services = await startServices({ config: FUZZ_CONFIG });
}, 360_000);
afterAll(() => services?.stop());

it('5,000 requests over every route: no undeclared 5xx, no cut connection, and every route but those named with a reason is reached', async () => {
  const { undeclared, reached } = await fuzz(services, { seed: 4, count: 5_000 });
  expect(undeclared).toEqual([]);
  if (process.env.LANYARD_FUZZ_AT) return;
  const routes = [...new Set(surface().map(routeOf))];
  expect(routes.filter((route) => !reached.has(route))).toEqual(Object.keys(NOT_REACHED));
}, 540_000);
