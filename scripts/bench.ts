/**
 * `npm run bench`: what an introspection costs, beside what a bare server costs that answers the same bytes, in the same run (scripts/bench).
 * And what a session's end takes to reach 200 resource servers. Prints a table for each comparison and writes everything as JSON.
 * `--only known,unseen`, `--runs`, `--seconds`, `--requests`, `--connections`, `--rate` (open loop), `--ended` (in the view from the beginning),
 * `--entries` (growth), `--ends`, `--listeners`, `--out`; `--target file.json`: another server instead of ours; `--profile folder`: V8's profile of the introspect process.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { COMPARISONS, type ComparisonName, prepare } from './bench/comparisons/all.js';
import type { Prepared } from './bench/contender.js';
import { Cores } from './bench/cores/cores.js';
import { type EndsRow, endsTable, measureEnds } from './bench/ends/measure-ends.js';
import { closedLoop } from './bench/load/closed-loop.js';
import { measure } from './bench/measure.js';
import { fillView } from './bench/stage/fill-view.js';
import { Mint } from './bench/stage/mint.js';
import { PROFILE_INTO } from './bench/stage/profile-introspect.js';
import { Stage } from './bench/stage/stage.js';
import { type Summary, summaryOf } from './bench/summary.js';
import { tableOf } from './bench/table.js';
import { prepareTarget, readTarget } from './bench/target.js';
import { progress } from './start/progress.js';
import { Shutdown } from './start/shutdown.js';

/** Measured by itself: it is no rate, and stands beside no other server. */
const ENDS = 'ends';

const OPTIONS = {
  only: { type: 'string', default: [...COMPARISONS, ENDS].join(',') },
  runs: { type: 'string', default: '5' },
  seconds: { type: 'string', default: '4' },
  requests: { type: 'string', default: '200000' },
  connections: { type: 'string', default: '32' },
  rate: { type: 'string', default: '4000' },
  ended: { type: 'string', default: '300000' },
  entries: { type: 'string', default: '10000000' },
  ends: { type: 'string', default: '300' },
  listeners: { type: 'string', default: '200' },
  out: { type: 'string', default: 'bench-report.json' },
  target: { type: 'string' },
  profile: { type: 'string' },
} as const;

async function main(shutdown: Shutdown): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS, args: process.argv.slice(2) });
  const number = (name: Exclude<keyof typeof OPTIONS, 'only' | 'out' | 'target' | 'profile'>) => {
    const value = Number(values[name]);
    if (!(value > 0)) throw new Error(`--${name} is a number above 0`);
    return value;
  };
  const runs = number('runs');
  const bounds = { connections: number('connections'), seconds: number('seconds'), requests: number('requests') };
  const settings = { bounds, rate: number('rate'), entries: number('entries') };
  const summaries: Summary[] = [];
  let ends: EndsRow[] = [];
  const run = async (prepared: Prepared) => {
    shutdown.add(() => prepared.stop());
    const { comparison } = prepared;
    console.log(`\n${comparison.title}`);
    // V8's profiler waits in a busy loop beside the thread it looks at: on one core it would starve it
    const apart = values.profile === undefined ? comparison.contenders.flatMap(({ pid }) => (pid === process.pid ? [] : (pid ?? []))) : [];
    const cores = Cores.divide(apart);
    if (!cores.divided) console.log('  Everything shares all cores: there is a profiler, or no taskset, or only one.');
    const samples = await measure(comparison, runs, (line) => console.log(`  ${line}`));
    await prepared.stop();
    cores.release();
    const summary = summaryOf(comparison, samples);
    summaries.push(summary);
  };

  if (values.target !== undefined) {
    await run(await prepareTarget(readTarget(values.target), (asked) => closedLoop(asked, bounds)));
  } else {
    const asked = values.only.split(',');
    const names = asked.filter((name) => name !== ENDS).map(comparisonOf);
    if (names.length > 0)
      await measureOurs({ names, ended: number('ended'), profile: values.profile }, shutdown, async (name, stage, mint) =>
        run(await prepare(name, stage, mint, settings)),
      );
    if (asked.includes(ENDS))
      ends = await measureEnds({ ends: number('ends'), listeners: number('listeners') }, console.log, (stop) => shutdown.add(stop));
  }

  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version };
  const out = resolve(values.out);
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, `${JSON.stringify({ machine, runs, ...settings, summaries, ends }, null, 2)}\n`);
  console.log(`\n${machine.cores} × ${machine.cpu}, Node ${machine.node}; ${runs} runs of ${bounds.seconds} s`);
  for (const summary of summaries) console.log(`\n${tableOf(summary)}`);
  if (ends.length > 0) console.log(`\nAn acknowledged end until all listening resource servers refuse\n\n${endsTable(ends)}`);
  console.log(`\nWritten: ${out}`);
  const wrong = summaries.flatMap(({ rows }) => rows).some((row) => row.wrong > 0);
  await shutdown.run(wrong ? 1 : 0, wrong ? 'Some answers were not what was asked for: those figures are none.' : undefined);
}

function comparisonOf(name: string): ComparisonName {
  const known = COMPARISONS.find((comparison) => comparison === name);
  if (!known) throw new Error(`--only is one or more of ${[...COMPARISONS, ENDS].join(', ')}`);
  return known;
}

async function measureOurs(
  { names, ended, profile }: { names: readonly ComparisonName[]; ended: number; profile: string | undefined },
  shutdown: Shutdown,
  run: (name: ComparisonName, stage: Stage, mint: Mint) => Promise<void>,
): Promise<void> {
  const preload = pathToFileURL(join(import.meta.dirname, 'bench/stage/profile-introspect.js'));
  const env = profile === undefined ? {} : { NODE_OPTIONS: `--import=${preload}`, [PROFILE_INTO]: resolve(profile) };
  const stage = await progress('Services on a Postgres of their own', () => Stage.start({ env }));
  shutdown.add(() => stage.stop());
  await fillView(stage, ended, (line) => console.log(`  ${line}`));
  const mint = await Mint.of(stage);
  for (const name of names) {
    shutdown.check();
    await run(name, stage, mint);
  }
  await stage.stop();
}

const shutdown = new Shutdown();
main(shutdown).catch((error: unknown) => shutdown.run(1, error instanceof Error ? (error.stack ?? error.message) : String(error)));
