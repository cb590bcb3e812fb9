import 'reflect-metadata';
import { checkpointsFromEnvironment } from '#libs/checkpoints';
import { ConfigError, loadConfig, SecretNotThere } from '#libs/config';
import { runService } from '#libs/http';
import { createIntrospectApp } from './app.js';

await runService({
  service: 'introspect',
  load: () => loadConfig('introspect'),
  waitsFor: (error) => (error instanceof SecretNotThere ? error.at : null),
  create: (config, ports) => createIntrospectApp(config, { ...ports, checkpoints: checkpointsFromEnvironment() }),
  atFault: [ConfigError],
});
