import { type InProcessServices, startServices } from '#libs/testing';
import { GRANT_FILTERS, generateGrants } from '../../apps/token/test/many-grants.js';
import { Operator } from '../actors/operator.js';

const ROWS = 1_000_000;
const FIRST_PAGE_MS = 50;
const TRIES = 20;

/** The list of grants as an operator walks it, over HTTP, with the token judged and the read audited: the first page and the one after it. */
describe(`the list of grants over ${ROWS} of them`, () => {
  let services: InProcessServices;
  let operator: Operator;
  const figures: string[] = [];
  beforeAll(async () => {
    services = await startServices({ services: ['auth', 'session', 'token'] });
    operator = new Operator(services);
    await generateGrants(services.world.database, ROWS);
  }, 1_800_000);
  afterAll(async () => {
    process.stdout.write(`\n${figures.join('\n')}\n`);
    await services?.stop();
  });

  const timed = async (path: string) => {
    const took: number[] = [];
    let answer: Record<string, unknown> = {};
    for (let n = 0; n < TRIES; n++) {
      const started = performance.now();
      const { status, body } = await operator.call('token', 'GET', path);
      took.push(performance.now() - started);
      expect(status).toBe(200);
      answer = body;
    }
    const sorted = took.slice(1).toSorted((a, b) => a - b);
    const [median = 0, most = 0] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
    const { items, next } = answer as { items: unknown[]; next: unknown };
    figures.push(
      `${path}: ${items.length} rows, first ${took[0]?.toFixed(1)} ms, median ${median.toFixed(1)} ms, most ${most.toFixed(1)} ms`,
    );
    return { median, next, rows: items.length };
  };

  it.each(GRANT_FILTERS)(`by %j comes within ${FIRST_PAGE_MS} ms`, async (query, expected) => {
    const path = `/admin/grants?${new URLSearchParams(query)}`;
    const first = await timed(path);
    expect(first.rows).toBe(expected);
    expect(first.median).toBeLessThan(FIRST_PAGE_MS);
    if (typeof first.next === 'string') expect((await timed(`${path}&cursor=${first.next}`)).median).toBeLessThan(FIRST_PAGE_MS);
  });
});
