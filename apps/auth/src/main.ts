import 'reflect-metadata';
import { checkpointsFromEnvironment } from '#libs/checkpoints';
import { ConfigError, loadConfig, SecretNotThere } from '#libs/config';
import { runService } from '#libs/http';
import { createAuthApp } from './app.js';

await runService({
  service: 'auth',
  load: () => loadConfig('auth'),
  waitsFor: (error) => (error instanceof SecretNotThere ? error.at : null),
  create: (config, ports) => createAuthApp(config, { ...ports, checkpoints: checkpointsFromEnvironment() }),
  atFault: [ConfigError],
});
