import { readFileSync } from 'node:fs';
import { type Checkpoints, NO_CHECKPOINTS } from './checkpoints.js';

const TRAPS = { LANYARD_CRASH_AT: 'SIGKILL', LANYARD_STOP_AT: 'SIGSTOP' } as const;

/**
 * `LANYARD_CRASH_AT=name` or `name:n` kills this process with SIGKILL when that place is reached for the n-th time;
 * `LANYARD_STOP_AT` stops it there (SIGSTOP) until somebody sends SIGCONT. Believed only under NODE_ENV=test; anything else
 * refuses to start rather than run with a trap armed. `LANYARD_CRASH_FILE` names a file in which a test may put `pid place` while the
 * processes run: that one dies at its next arrival there, without having been restarted to arm it.
 */
export function checkpointsFromEnvironment(env: NodeJS.ProcessEnv = process.env): Checkpoints {
  const traps = Object.entries(TRAPS).flatMap(([variable, signal]) => {
    const armed = env[variable];
    if (!armed) return [];
    if (env.NODE_ENV !== 'test') throw new Error(`${variable} is for tests: it needs NODE_ENV=test`);
    const [place, nth = '1'] = armed.split(':');
    return [{ place, signal, left: Number(nth) }];
  });
  const file = env.LANYARD_CRASH_FILE;
  if (file && env.NODE_ENV !== 'test') throw new Error('LANYARD_CRASH_FILE is for tests: it needs NODE_ENV=test');
  if (traps.length === 0 && !file) return NO_CHECKPOINTS;
  return {
    reach(name) {
      for (const trap of traps) if (trap.place === name && --trap.left === 0) process.kill(process.pid, trap.signal);
      if (file && readFileSync(file, 'utf8') === `${process.pid} ${name}`) process.kill(process.pid, 'SIGKILL');
    },
  };
}
