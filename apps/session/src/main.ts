import 'reflect-metadata';
import { checkpointsFromEnvironment } from '#libs/checkpoints';
import { ConfigError, loadConfig, SecretNotThere } from '#libs/config';
import { runService } from '#libs/http';
import { createSessionApp } from './app.js';

await runService({
  service: 'session',
  load: () => loadConfig('session'),
  waitsFor: (error) => (error instanceof SecretNotThere ? error.at : null),
  create: (config, ports) => createSessionApp(config, { ...ports, checkpoints: checkpointsFromEnvironment() }),
  atFault: [ConfigError],
});
