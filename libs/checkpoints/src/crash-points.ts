import { type Checkpoints, NO_CHECKPOINTS } from './checkpoints.js';

const TRAPS = { LANYARD_CRASH_AT: 'SIGKILL', LANYARD_STOP_AT: 'SIGSTOP' } as const;

/**
 * `LANYARD_CRASH_AT=name` or `name:n` kills this process with SIGKILL when that place is reached for the n-th time;
 * `LANYARD_STOP_AT` stops it there (SIGSTOP) until somebody sends SIGCONT. Believed only under NODE_ENV=test; anything else
 * refuses to start rather than run with a trap armed.
 */
export function checkpointsFromEnvironment(env: NodeJS.ProcessEnv = process.env): Checkpoints {
  const traps = Object.entries(TRAPS).flatMap(([variable, signal]) => {
    const armed = env[variable];
    if (!armed) return [];
    if (env.NODE_ENV !== 'test') throw new Error(`${variable} is for tests: it needs NODE_ENV=test`);
    const [place, nth = '1'] = armed.split(':');
    return [{ place, signal, left: Number(nth) }];
  });
  if (traps.length === 0) return NO_CHECKPOINTS;
  return {
    reach(name) {
      for (const trap of traps) if (trap.place === name && --trap.left === 0) process.kill(process.pid, trap.signal);
    },
  };
}
