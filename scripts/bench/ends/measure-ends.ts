import { setTimeout as delay } from 'node:timers/promises';
import { sessionApi } from '#libs/contracts';
import { randomId } from '#libs/database';
import { introspectionAt, KNOWN_TOKENS, known } from '../comparisons/introspection.js';
import { Latencies, type Percentiles } from '../load/latencies.js';
import { Mint } from '../stage/mint.js';
import { Stage } from '../stage/stage.js';
import { BusyMachine } from './busy-machine.js';
import { Crowd } from './crowd.js';

export interface EndsOptions {
  readonly ends: number;
  readonly listeners: number;
}

/** From the answer to who ended a session until the last of all listening resource servers refused its token. */
export interface EndsRow {
  readonly eventLog: 'postgres' | 'kafka';
  readonly load: 'idle' | 'busy';
  readonly listeners: number;
  readonly ends: number;
  readonly confirmed: number;
  /** To the last of them; less than 0 where all refused before the answer was there, which counts as 0. */
  readonly lastMs: Percentiles;
  /** Of every single one. */
  readonly eachMs: Percentiles;
  readonly machineBusy: number;
  readonly requestsPerSecond: number;
}

const BUSY_SHARE = 0.7;
/** Two hundred resource servers have just asked about the token: that load is not what is measured. */
const CALM_MS = 300;
/** Ends that do not count: compilers warm up, a broker's too. */
const WARM_UP = 20;
const LOGS = ['postgres', 'kafka'] as const;
const LOADS = ['idle', 'busy'] as const;

/** `started`: told how to stop whatever was started, for who is interrupted. */
export async function measureEnds(
  options: EndsOptions,
  say: (line: string) => void,
  started: (stop: () => Promise<void>) => void,
): Promise<EndsRow[]> {
  const rows: EndsRow[] = [];
  for (const eventLog of LOGS) {
    const stage = await Stage.start({ eventLog });
    started(() => stage.stop());
    try {
      const crowd = await Crowd.start(stage.cluster.issuer, options.listeners);
      say(`${eventLog}: ${options.listeners} resource servers listen`);
      for (const load of LOADS) rows.push(await measureOne({ stage, crowd, eventLog, load, ...options }));
      await crowd.stop();
    } finally {
      await stage.stop();
    }
  }
  return rows;
}

type One = EndsOptions & Pick<EndsRow, 'eventLog' | 'load'> & { stage: Stage; crowd: Crowd };

async function measureOne({ stage, crowd, eventLog, load, ends, listeners }: One): Promise<EndsRow> {
  const mint = await Mint.of(stage);
  const { requests, isRight } = known(mint.opaque(KNOWN_TOKENS));
  const { host, port } = introspectionAt(stage);
  const machine = new BusyMachine({ host, port, request: await requests(1), isRight }, load === 'busy' ? BUSY_SHARE : 0);
  const [last, each] = [new Latencies(), new Latencies()];
  let confirmed = 0;
  try {
    await machine.settled();
    for (let n = -WARM_UP; n < ends; n++) {
      const sid = await startSession(stage);
      await crowd.accept(mint.opaqueOf(sid));
      await delay(CALM_MS);
      const refused = crowd.watch();
      const answer = await stage.cluster.call('auth', sessionApi.end, { sid, reason: 'admin', initiated_by: 'admin', actor: null });
      const acknowledged = Number(process.hrtime.bigint()) / 1e6;
      const after = (await refused).map((at) => Math.max(0, at - acknowledged));
      if (n < 0) continue;
      if (answer.confirmed) confirmed++;
      for (const ms of after) each.add(ms);
      last.add(Math.max(...after));
    }
    const { share, rate } = machine.seen;
    const figures = { lastMs: last.percentiles, eachMs: each.percentiles, machineBusy: share, requestsPerSecond: rate };
    return { eventLog, load, listeners, ends, confirmed, ...figures };
  } finally {
    await machine.stop();
  }
}

async function startSession(stage: Stage): Promise<string> {
  const who = { sub: randomId(), subject_gen: 1, amr: ['pwd'], acr: null };
  const { session } = await stage.cluster.call('auth', sessionApi.start, {
    ...who,
    ...{ remember: false, cookie: null, ip: null, user_agent: null },
  });
  return session.sid;
}

/** As Markdown. */
export function endsTable(rows: readonly EndsRow[]): string {
  const cells = rows.map((row) => [
    ...[
      row.eventLog,
      row.load === 'idle' ? 'idle' : `${row.requestsPerSecond} introspections/s`,
      `${(100 * row.machineBusy).toFixed(0)} %`,
    ],
    ...[
      `${row.confirmed} of ${row.ends}`,
      ...[row.lastMs.p50, row.lastMs.p99, row.lastMs.max].map((ms) => ms.toFixed(1)),
      row.eachMs.p50.toFixed(1),
    ],
  ]);
  const head = ['event log', 'load', 'CPU', 'confirmed', 'last of all: p50 ms', 'p99 ms', 'max ms', 'each: p50 ms'];
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...cells.map(line)].join('\n');
}
