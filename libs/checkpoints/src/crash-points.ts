import { type Checkpoints, NO_CHECKPOINTS } from './checkpoints.js';

/**
 * `LANYARD_CRASH_AT=name` or `name:n` kills this process with SIGKILL when that place is reached for the n-th time.
 * Believed only under NODE_ENV=test; anything else refuses to start rather than run with a trap armed.
 */
export function checkpointsFromEnvironment(env: NodeJS.ProcessEnv = process.env): Checkpoints {
  const armed = env.LANYARD_CRASH_AT;
  if (!armed) return NO_CHECKPOINTS;
  if (env.NODE_ENV !== 'test') throw new Error('LANYARD_CRASH_AT is for tests: it needs NODE_ENV=test');
  const [place, nth = '1'] = armed.split(':');
  let left = Number(nth);
  return {
    reach(name) {
      if (name === place && --left === 0) process.kill(process.pid, 'SIGKILL');
    },
  };
}
