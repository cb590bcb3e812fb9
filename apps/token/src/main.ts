import 'reflect-metadata';
import { checkpointsFromEnvironment } from '#libs/checkpoints';
import { ConfigError, loadConfig } from '#libs/config';
import { ListenError } from '#libs/http';
import { KeyError } from '#libs/keys';
import { createTokenApp } from './app.js';

/** sysexits.h EX_CONFIG: a supervisor need not try again before somebody has changed something. */
const EX_CONFIG = 78;

try {
  const running = await createTokenApp(loadConfig('token'), { checkpoints: checkpointsFromEnvironment() });
  const stop = () => {
    running.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  // A KeyError here is a key-encryption key that is not the one the stored keys were encrypted under.
  const settings = error instanceof ConfigError || error instanceof KeyError;
  const known = settings || error instanceof ListenError;
  process.stderr.write(`token: ${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(settings ? EX_CONFIG : 1);
}
