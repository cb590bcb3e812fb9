import 'reflect-metadata';
import { checkpointsFromEnvironment } from '#libs/checkpoints';
import { ConfigError, loadConfig, SecretNotThere } from '#libs/config';
import { runService } from '#libs/http';
import { KeyError } from '#libs/keys';
import { createTokenApp } from './app.js';

await runService({
  service: 'token',
  load: () => loadConfig('token'),
  waitsFor: (error) => (error instanceof SecretNotThere ? error.at : null),
  create: (config, ports) => createTokenApp(config, { ...ports, checkpoints: checkpointsFromEnvironment() }),
  // A KeyError at the start is a key-encryption key that is not the one the stored keys were encrypted under.
  atFault: [ConfigError, KeyError],
});
