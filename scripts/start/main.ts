/**
 * scripts/start owns the embedded default: one command that prepares a data directory, starts a Postgres of its own (or uses the
 * one of DATABASE_URL), provisions it and keeps the four services running until it is told to stop. It knows the services only by
 * their command line, their environment and their health; it reads nothing of theirs. Called by scripts/start.mjs.
 */
import { ConfigError } from '#libs/config';
import { claimDataDirectory } from './data-directory.js';
import { openInstallation } from './installation.js';
import { LauncherError } from './launcher-error.js';
import { checkPorts } from './ports.js';
import { preview } from './preview.js';
import { progress } from './progress.js';
import { screen } from './screen.js';
import { loadSecrets } from './secrets.js';
import { Services } from './services.js';
import { Shutdown } from './shutdown.js';

/** Numbered, because the order matters: nothing is written before the configuration is known to be right. */
async function start(shutdown: Shutdown): Promise<void> {
  // 1. What is asked for: the configuration, read as the services will read it.
  const plan = preview(process.env);
  // 2. Where it lives, and that nobody else is at it.
  const directory = claimDataDirectory(plan.dataDir);
  shutdown.add(() => directory.release());
  await checkPorts(plan);
  // 3. Keys and passwords, made once.
  const secrets = loadSecrets(directory);
  // 4. The database, its roles and schemas.
  const database = await progress('Database', () => openInstallation(plan, directory, secrets));
  shutdown.add(() => database.stop());
  shutdown.check();
  database.onLost((message) => void shutdown.run(1, message));
  // 5. The services, started together; none waits for another.
  const services = new Services(plan, directory, secrets, database, (message) => void shutdown.run(1, message));
  shutdown.add(() => services.stop());
  await progress('Services', () => services.start());
  shutdown.check();
  console.log(screen(plan, directory, secrets, database));
}

const shutdown = new Shutdown();
start(shutdown).catch(async (error: unknown) => {
  if (shutdown.running) return;
  if (error instanceof ConfigError) await shutdown.run(78, `The configuration can't be used:\n${error.message}`);
  else if (error instanceof LauncherError) await shutdown.run(1, error.message);
  else await shutdown.run(1, error instanceof Error ? `Starting failed: ${error.message}` : String(error));
});
