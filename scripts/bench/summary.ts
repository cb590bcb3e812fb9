import type { Comparison } from './contender.js';
import type { Percentiles } from './load/latencies.js';
import type { Sample, Samples } from './measure.js';

/** Of several runs. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export interface Row {
  readonly contender: string;
  readonly perSecond: Spread;
  /** Answers a second against the yardstick's in the same run. */
  readonly ratio: Spread;
  readonly cpuUsPerAnswer: Spread | null;
  /** The yardstick's CPU against this one's in the same run: what the ratio is on a core that has nothing else to do. */
  readonly cpuRatio: Spread | null;
  readonly rssMiB: Spread | null;
  /** What it takes beyond the yardstick's in the same run. */
  readonly cpuUsMore: Spread | null;
  /** Of the run with the median p99. */
  readonly latencyMs: Percentiles | null;
  readonly wrong: number;
}

export interface Summary {
  readonly name: string;
  readonly title: string;
  readonly yardstick: string;
  readonly rows: readonly Row[];
  readonly samples: Readonly<Record<string, readonly Sample[]>>;
}

export function summaryOf({ name, title, yardstick, contenders }: Comparison, samples: Samples): Summary {
  const of = (contender: string) => samples.get(contender) ?? [];
  const beside = of(yardstick);
  const rows = contenders.map((contender): Row => {
    const own = of(contender.name);
    const cpu = numbers(own.map(({ cpuUsPerAnswer }) => cpuUsPerAnswer));
    const cpuRatios = numbers(own.map(({ cpuUsPerAnswer }, run) => quotient(beside[run]?.cpuUsPerAnswer, cpuUsPerAnswer)));
    const more = numbers(own.map(({ cpuUsPerAnswer }, run) => difference(cpuUsPerAnswer, beside[run]?.cpuUsPerAnswer)));
    const rss = numbers(own.map(({ rssMiB }) => rssMiB));
    const latencies = own.flatMap(({ load }) => load.latencyMs ?? []).toSorted((a, b) => a.p99 - b.p99);
    return {
      contender: contender.name,
      perSecond: spreadOf(own.map(({ load }) => load.perSecond)),
      ratio: spreadOf(numbers(own.map(({ load }, run) => quotient(load.perSecond, beside[run]?.load.perSecond)))),
      cpuUsPerAnswer: cpu.length > 0 ? spreadOf(cpu) : null,
      cpuRatio: cpuRatios.length > 0 ? spreadOf(cpuRatios) : null,
      rssMiB: rss.length > 0 ? spreadOf(rss) : null,
      cpuUsMore: more.length > 0 ? spreadOf(more) : null,
      latencyMs: latencies[Math.floor(latencies.length / 2)] ?? null,
      wrong: own.reduce((sum, { load }) => sum + load.wrong, 0),
    };
  });
  return { name, title, yardstick, rows, samples: Object.fromEntries(samples) };
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
  return { min: sorted[0] ?? 0, median: median ?? 0, max: sorted.at(-1) ?? 0 };
}

function quotient(of: number | null | undefined, by: number | null | undefined): number | null {
  return of != null && by != null && by > 0 ? of / by : null;
}

function difference(of: number | null | undefined, from: number | null | undefined): number | null {
  return of != null && from != null ? of - from : null;
}

function numbers(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null);
}
