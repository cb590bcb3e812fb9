import 'reflect-metadata';
import { checkpointsFromEnvironment } from '#libs/checkpoints';
import { ConfigError, loadConfig } from '#libs/config';
import { runService } from '#libs/http';
import { createIntrospectApp } from './app.js';

await runService({
  service: 'introspect',
  load: () => loadConfig('introspect'),
  create: (config, ports) => createIntrospectApp(config, { ...ports, checkpoints: checkpointsFromEnvironment() }),
  atFault: [ConfigError],
});
