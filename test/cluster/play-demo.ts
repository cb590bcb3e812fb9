import { execFile } from 'node:child_process';
import { join } from 'node:path';

const DEMO = join(import.meta.dirname, '../../dist/scripts/demo.js');

export interface Played {
  readonly code: number;
  readonly output: string;
}

/** `npm run demo` in another terminal. False: it was told 503 on the way, as a busy machine may say once; it knows no Retry-After. */
export async function demoWithout503(env: NodeJS.ProcessEnv): Promise<Played | false> {
  const played = await new Promise<Played>((resolve) => {
    const demo = execFile(process.execPath, [DEMO], { env }, (_, out, err) =>
      resolve({ code: demo.exitCode ?? -1, output: `${out}${err}` }),
    );
  });
  return !/\b503\b/.test(played.output) && played;
}
