/**
 * Loaded into every service of a measurement with `--profile`: the introspect process writes V8's CPU profile when it ends, into the folder
 * named in the environment. (Node refuses `--cpu-prof` in NODE_OPTIONS.)
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { join } from 'node:path';

export const PROFILE_INTO = 'LANYARD_BENCH_PROFILE_INTO';

const folder = process.env[PROFILE_INTO];
if (folder !== undefined && process.argv[1]?.includes('/apps/introspect/')) {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: 500 });
  session.post('Profiler.start');
  process.on('exit', () => {
    session.post('Profiler.stop', (error, result) => {
      if (error) return;
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `introspect-${process.pid}.cpuprofile`), JSON.stringify(result.profile));
    });
  });
}
