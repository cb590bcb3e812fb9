import 'reflect-metadata';
import { checkpointsFromEnvironment } from '#libs/checkpoints';
import { ConfigError, loadConfig } from '#libs/config';
import { ListenError } from '#libs/http';
import { createAuthApp } from './app.js';

/** sysexits.h EX_CONFIG: a supervisor need not try again before somebody has changed something. */
const EX_CONFIG = 78;

try {
  const running = await createAuthApp(loadConfig('auth'), { checkpoints: checkpointsFromEnvironment() });
  const stop = () => {
    running.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  const known = error instanceof ConfigError || error instanceof ListenError;
  process.stderr.write(`auth: ${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(error instanceof ConfigError ? EX_CONFIG : 1);
}
