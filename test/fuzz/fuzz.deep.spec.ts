import { readFileSync } from 'node:fs';
import { SERVICES } from '#libs/contracts';
import { type SpawnedServices, spawnServices } from '#libs/testing';
import { fuzz, routeOf } from './fuzz.js';
import { NOT_REACHED } from './not-reached.js';
import { surface } from './surface.js';
import { FUZZ_CONFIG } from './world.js';

/** Against the processes of the built product, so that their memory can be seen. */
let services: SpawnedServices;
beforeAll(async () => {
  services = await spawnServices({ config: FUZZ_CONFIG, env: { LANYARD_LOG_LEVEL: 'error' } });
}, 360_000);
afterAll(() => services?.stop(), 180_000);

/** kB. */
function memory(): number {
  const rss = (pid: number) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  return SERVICES.map((service) => rss(services.pid(service))).reduce((sum, each) => sum + each, 0);
}

const WARM = 30_000;
const COUNT = 100_000;

it(`${COUNT} requests over every route: no undeclared 5xx, and after the first ${WARM} less than 10 % more memory`, async () => {
  const seed = Date.now() % 1_000_000;
  let warm = 0;
  process.stdout.write(`seed ${seed}\n`);
  const every = async (done: number) => {
    if (done === WARM) warm = memory();
    if (done % 10_000 === 0) process.stdout.write(`${done} requests sent\n`);
  };
  const { undeclared, statuses, reached } = await fuzz(services, { seed, count: COUNT, every });
  const growth = memory() / warm - 1;
  process.stdout.write(`seed ${seed}, answers ${JSON.stringify(statuses)}, memory ${warm} kB, growth ${(growth * 100).toFixed(1)} %\n`);
  expect(undeclared).toEqual([]);
  if (process.env.LANYARD_FUZZ_AT !== undefined) return;
  expect(growth).toBeLessThan(0.1);
  expect([...new Set(surface().map(routeOf))].filter((route) => !reached.has(route))).toEqual(Object.keys(NOT_REACHED));
}, 7_200_000);
