import 'reflect-metadata';
import { checkpointsFromEnvironment } from '#libs/checkpoints';
import { ConfigError, loadConfig } from '#libs/config';
import { runService } from '#libs/http';
import { createSessionApp } from './app.js';

await runService({
  service: 'session',
  load: () => loadConfig('session'),
  create: (config, ports) => createSessionApp(config, { ...ports, checkpoints: checkpointsFromEnvironment() }),
  atFault: [ConfigError],
});
