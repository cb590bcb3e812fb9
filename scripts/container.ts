/**
 * scripts/container owns what the one image can be told to do: `auth`, `session`, `token` or `introspect` (a service, until it is stopped), `set-up` (roles,
 * schemas and migrations, once), `secrets <folder>` (makes them), `health [live|ready]` (of the service that runs beside it), `lanyard …` (the operator's
 * command). Node is process 1 here: it starts no children to reap, and the services handle the signals themselves, so nothing stands between.
 */
import 'reflect-metadata';
import { SERVICES } from '#libs/contracts';

const [command = '', ...rest] = process.argv.slice(2);
if (SERVICES.some((service) => service === command)) {
  await import(new URL(`../apps/${command}/src/main.js`, import.meta.url).href);
} else if (command === 'set-up') {
  const { setUp } = await import('./container/set-up.js');
  await setUp(process.env);
} else if (command === 'secrets') {
  const { writeSecrets } = await import('./container/write-secrets.js');
  process.exitCode = writeSecrets(rest);
} else if (command === 'health') {
  const { health } = await import('./container/health.js');
  process.exitCode = await health(rest[0] ?? 'live', process.env);
} else if (command === 'lanyard') {
  process.argv.splice(2, 1);
  await import('./cli/main.js');
} else {
  console.error(`Name what to run: ${SERVICES.join(', ')}, set-up, secrets <folder>, health [live|ready], lanyard …`);
  process.exitCode = 2;
}
