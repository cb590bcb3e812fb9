import type { Comparison, Contender } from './contender.js';
import type { Asked, LoadResult } from './load/load.js';
import { usageOf } from './process-usage.js';

/** One contender in one run. */
export interface Sample {
  readonly run: number;
  readonly load: LoadResult;
  /** Of the server's process; null where it can't be looked at. */
  readonly cpuUsPerAnswer: number | null;
  readonly rssMiB: number | null;
  /** Of this process, which makes the load. */
  readonly loadCpuUsPerAnswer: number;
}

export type Samples = ReadonlyMap<string, readonly Sample[]>;

/** After one run of each that does not count (compilers and caches warm up), each contender once a run, every run beginning with another. */
export async function measure(comparison: Comparison, runs: number, say: (line: string) => void): Promise<Samples> {
  const { contenders } = comparison;
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]));
  for (let run = 0; run <= runs; run++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(turn + run) % contenders.length] as Contender;
      const sample = await measureOne(comparison, contender, run);
      const kind = run === 0 ? 'warm-up' : `run ${run}`;
      say(
        `${kind} ${contender.name}: ${Math.round(sample.load.perSecond)}/s${sample.load.wrong > 0 ? `, ${sample.load.wrong} wrong answers` : ''}`,
      );
      if (run > 0) samples.get(contender.name)?.push(sample);
    }
  }
  return samples;
}

async function measureOne({ load }: Comparison, contender: Contender, run: number): Promise<Sample> {
  const { pid } = contender;
  const asked = 'asked' in contender ? await contender.asked(run) : null;
  const before = pid === null ? null : usageOf(pid);
  const own = process.cpuUsage();
  const result = await ('called' in contender ? contender.called(run) : load(asked as Asked));
  const { user, system } = process.cpuUsage(own);
  const after = pid === null ? null : usageOf(pid);
  return {
    run,
    load: result,
    cpuUsPerAnswer: before && after ? ((after.cpuMs - before.cpuMs) * 1_000) / result.answered : null,
    rssMiB: after?.rssMiB ?? null,
    loadCpuUsPerAnswer: (user + system) / result.answered,
  };
}
