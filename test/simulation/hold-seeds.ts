import type { Bench } from './bench.js';
import { runSeed, type SeedResult } from './run-seed.js';

/** What a run of many seeds came to: a simulation in which nothing happens holds every promise. */
export const LOOKED_FOR = {
  'waits for a lock': / waits for a lock: /,
  'processes killed': / and loses its memory$/,
  'processes paused': / is paused$/,
  'messages lost': / is lost$/,
  'requests repeated': / again$/,
  'tokens active': / is active$/,
  'tokens inactive': / is inactive$/,
  'ends confirmed': /, confirmed$/,
  refreshes: / → #/,
  'refresh tokens refused': /: refresh with any: .*invalid_grant$/,
  'sessions reaped': / UPDATE session s SET state/,
  'notices sent': / gets a logout token/,
} as const;
/** Beside these, where Kafka is the log. */
export const LOOKED_FOR_WITH_KAFKA = {
  'batches published': / hears that the broker has /,
  'batches refused': / is refused \d/,
  'answers of the broker lost': /the broker's answer to .* is lost$/,
  'given up': / gives up \d+ for /,
  'taken twice': / takes .* twice$/,
  'suffixes lost': / the broker loses the last/,
  'consumers that skip': / goes on later in /,
  'consumers that read again': / goes on earlier in /,
  'consumers that crash': /'s consumer crashes/,
  'broker restarts': / the broker goes down$/,
  'events fetched': / fetches lanyard.\w+-events/,
  'offsets committed': / commits its offsets$/,
  'events read from the database': / SELECT p.last_pseq AS last, p.swept/,
  'numbers of another lineage': / a relay of another lineage gives /,
  'other lineages': / a relay of another lineage speaks/,
  'complete by the log': / is complete by the log of /,
  'read from the database: at the start': / from the database: start$/,
  'read from the database: a hole': / from the database: number /,
  'read from the database: another epoch': / from the database: a record of another epoch/,
  'read from the database: a new subscription': / from the database: the subscription began anew/,
  'read from the database: no news': / from the database: the log does not move/,
} as const;
export type Tally = Record<string, number>;

/** What seeds delete stays in the tables' files; more of it than this makes every statement slower. */
const SWEEP_EVERY = 100;
const REPLAY = 'LANYARD_SIMULATION_SEED';
const LOG = 'LANYARD_SIMULATION_LOG';
/** Of each stream: enough that a proof has to wait for more than one. */
export const KAFKA_PARTITIONS = 2;

export async function holdSeeds(bench: Bench, from: number, count: number, every = 1): Promise<Tally> {
  const lookedFor = Object.entries({ ...LOOKED_FOR, ...(bench.kafkaPartitions === null ? {} : LOOKED_FOR_WITH_KAFKA) });
  const tally: Tally = { steps: 0, ...Object.fromEntries(lookedFor.map(([name]) => [name, 0])) };
  for (let n = 0; n < count; n++) {
    if (n % SWEEP_EVERY === 0) await bench.sweep();
    const result = await runSeed(bench, from + n * every);
    if (result.broken.length > 0) throw new Error(reportOf(result, bench.kafkaPartitions !== null));
    const count = (name: string, times: number) => {
      tally[name] = (tally[name] ?? 0) + times;
    };
    count('steps', result.steps);
    for (const line of result.history) for (const [name, looks] of lookedFor) if (looks.test(line)) count(name, 1);
  }
  return tally;
}

export function reportOf({ seed, broken, history }: SeedResult, onKafka: boolean): string {
  const replay = `Replay it: ${onKafka ? `${LOG}=kafka ` : ''}${REPLAY}=${seed} npm test -- test/simulation/replay`;
  return [`seed ${seed} breaks a promise:`, ...broken, replay, 'Its history (step, milliseconds, what):', ...history].join('\n');
}

/** The log on which to replay it. */
export function partitionsToReplay(): number | null {
  return process.env[LOG] === 'kafka' ? KAFKA_PARTITIONS : null;
}

/** The seed to replay; null: none is asked for. */
export function seedToReplay(): number | null {
  const asked = process.env[REPLAY];
  return asked === undefined ? null : Number(asked);
}
