/**
 * `npm run chaos -- --minutes 10 --seed 7`: the proof of the promises while things break (scripts/chaos), on a cluster of its own. Prints the
 * table, writes it with every violation as JSON, and exits with 1 if there is one. `--rate` (deeds per second), `--instances`, `--out`; `--event-log postgres`: without Kafka and Redis.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SERVICES, type ServiceName } from '#libs/contracts';
import { chaosCluster, EVENT_LOGS } from './chaos/chaos-cluster.js';
import { Receivers } from './chaos/receivers.js';
import { type Report, reportText } from './chaos/report.js';
import { runChaos } from './chaos/run.js';
import type { Member } from './cluster/member.js';
import { progress } from './start/progress.js';
import { Shutdown } from './start/shutdown.js';

const OPTIONS = {
  minutes: { type: 'string', default: '10' },
  seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  rate: { type: 'string', default: '40' },
  instances: { type: 'string', default: '2' },
  'event-log': { type: 'string', default: 'kafka' },
  out: { type: 'string', default: 'chaos-report.json' },
} as const;

async function main(shutdown: Shutdown): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS, args: process.argv.slice(2) });
  const [minutes, seed, rate, count] = [values.minutes, values.seed, values.rate, values.instances].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  if (![minutes, seed, rate, count].every(Number.isFinite)) throw new Error('--minutes, --seed, --rate and --instances are numbers');
  const eventLog = EVENT_LOGS.find((name) => name === values['event-log']);
  if (!eventLog) throw new Error(`--event-log is ${EVENT_LOGS.join(' or ')}`);
  const folder = mkdtempSync(join(tmpdir(), 'lanyard-chaos-'));
  const out = resolve(values.out);
  let keep = true;
  shutdown.add(() => keep || rmSync(folder, { recursive: true, force: true }));
  console.log(`Chaos for ${minutes} minutes with seed ${seed}; logs in ${folder}/logs`);
  const receivers = await Receivers.start();
  shutdown.add(() => receivers.close());
  const instances = Object.fromEntries(SERVICES.map((name) => [name, count])) as Record<ServiceName, number>;
  const lost: string[] = [];
  const onLost = (member: Member, how: string) => {
    lost.push(`${member.name} ${how}`);
    console.error(`${member.name} ${how} though nobody had asked it to; starting it again`);
    void member.start().catch((error: unknown) => console.error(String(error)));
  };
  const cluster = await chaosCluster(receivers, { folder, instances, eventLog, onLost });
  shutdown.add(() => cluster.stop());
  await progress(
    `Cluster (${cluster.services.length} processes, ${cluster.members
      .filter((member) => !cluster.services.some((service) => service === member))
      .map(({ name }) => name)
      .join(', ')})`,
    () => cluster.start(),
  );
  const began = performance.now();
  const say = (line: string) => console.log(`${((performance.now() - began) / 1_000).toFixed(1).padStart(7)} s  ${line}`);
  const { history, figures } = await runChaos(cluster, receivers, { seed, forMs: minutes * 60_000, rate, longestFaultMs: 5_000, say });
  const report: Report = { seed, seconds: minutes * 60, eventLog, instances, lost, figures };
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`\n${reportText(report)}\n\nWritten: ${out}`);
  keep = figures.violations.length + lost.length > 0;
  if (keep) {
    writeFileSync(join(folder, 'history.json'), JSON.stringify(history));
    console.error(`The whole history, and the logs, are in ${folder}`);
  }
  await shutdown.run(keep ? 1 : 0);
}

const shutdown = new Shutdown();
main(shutdown).catch((error: unknown) => shutdown.run(1, error instanceof Error ? (error.stack ?? error.message) : String(error)));
