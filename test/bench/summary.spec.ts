import { type Comparison } from '../../scripts/bench/contender.js';
import { closedLoop } from '../../scripts/bench/load/closed-loop.js';
import type { Sample } from '../../scripts/bench/measure.js';
import { spreadOf, summaryOf } from '../../scripts/bench/summary.js';
import { tableOf } from '../../scripts/bench/table.js';
import { requestsOf } from '../../scripts/bench/target.js';

const sample = (run: number, perSecond: number, cpuUsPerAnswer: number | null, wrong = 0): Sample => ({
  ...{ run, cpuUsPerAnswer, rssMiB: 100, loadCpuUsPerAnswer: 10 },
  load: { seconds: 1, answered: perSecond, wrong, perSecond, latencyMs: { p50: 1, p90: 2, p99: 3 + run, p999: 4, max: 5 } },
});
const contender = (name: string) => ({ name, pid: null, asked: () => Promise.reject(new Error('not asked')) });
const comparison: Comparison = {
  ...{
    name: 'known',
    title: 'Introspection',
    yardstick: 'bare-fastify',
    load: (asked) => closedLoop(asked, { connections: 1, seconds: 1, requests: 1 }),
  },
  contenders: [contender('lanyard'), contender('bare-fastify')],
};

it('divides within a run, before it looks for the middle of the runs: what else the machine did met both', () => {
  const samples = new Map([
    ['lanyard', [sample(1, 80, 40), sample(2, 35, 80), sample(3, 160, 20)]],
    ['bare-fastify', [sample(1, 100, 30), sample(2, 50, 60), sample(3, 200, 15)]],
  ]);
  const [lanyard, fastify] = summaryOf(comparison, samples).rows;
  expect(lanyard?.ratio).toEqual({ min: 0.7, median: 0.8, max: 0.8 });
  expect(lanyard?.cpuRatio?.median).toBe(0.75);
  expect(lanyard?.perSecond).toEqual({ min: 35, median: 80, max: 160 });
  expect(fastify?.ratio).toEqual({ min: 1, median: 1, max: 1 });
});

it('shows wrong answers in the table, and a server that can not be looked at without figures of its own', () => {
  const samples = new Map([
    ['lanyard', [sample(1, 80, null, 3)]],
    ['bare-fastify', [sample(1, 100, 30)]],
  ]);
  const table = tableOf(summaryOf(comparison, samples));
  expect(table).toMatch(/lanyard \(3 WRONG\).*80 \/ 80 \/ 80.*0\.80 \/ 0\.80 \/ 0\.80.*– +\| –/);
});

it('takes the mean of the two in the middle of an even number of runs', () => {
  expect(spreadOf([4, 1, 3, 2])).toEqual({ min: 1, median: 2.5, max: 4 });
});

it('puts each token of a target file where the file wants it', () => {
  const target = { name: 'other', url: 'http://127.0.0.1:1/introspect?a=b', tokens: ['t+1', 't2'], expect: { status: 200 } } as const;
  const [first] = requestsOf({
    ...target,
    tokens: [...target.tokens],
    method: 'POST',
    headers: { 'x-token': '{token}' },
    form: { token: '{token}' },
  });
  expect(first?.toString()).toBe(
    'POST /introspect?a=b HTTP/1.1\r\nhost: localhost\r\nx-token: t+1\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 11\r\n\r\ntoken=t%2B1',
  );
});
