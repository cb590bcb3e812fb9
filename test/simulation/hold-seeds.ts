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
export type Tally = Record<keyof typeof LOOKED_FOR | 'steps', number>;

const NAMES = Object.keys(LOOKED_FOR) as (keyof typeof LOOKED_FOR)[];
/** What seeds delete stays in the tables' files; more of it than this makes every statement slower. */
const SWEEP_EVERY = 100;
const REPLAY = 'LANYARD_SIMULATION_SEED';

export async function holdSeeds(bench: Bench, from: number, count: number, every = 1): Promise<Tally> {
  const tally: Tally = { steps: 0, ...(Object.fromEntries(NAMES.map((name) => [name, 0])) as Record<keyof typeof LOOKED_FOR, number>) };
  for (let n = 0; n < count; n++) {
    if (n % SWEEP_EVERY === 0) await bench.sweep();
    const result = await runSeed(bench, from + n * every);
    if (result.broken.length > 0) throw new Error(reportOf(result));
    tally.steps += result.steps;
    for (const line of result.history) for (const name of NAMES) if (LOOKED_FOR[name].test(line)) tally[name]++;
  }
  return tally;
}

export function reportOf({ seed, broken, history }: SeedResult): string {
  const replay = `Replay it: ${REPLAY}=${seed} npm test -- test/simulation/replay`;
  return [`seed ${seed} breaks a promise:`, ...broken, replay, 'Its history (step, milliseconds, what):', ...history].join('\n');
}

/** The seed to replay; null: none is asked for. */
export function seedToReplay(): number | null {
  const asked = process.env[REPLAY];
  return asked === undefined ? null : Number(asked);
}
