/** `docker compose config`: compose itself reads docker-compose.yml. Compose is found, installed where we may (root on Debian), or asked for in one sentence. */
import { spawnSync } from 'node:child_process';
import { apt, canInstall } from './apt.mjs';
import { fail, root } from './prepare.mjs';

/** The plugin of Docker, or the program of its own that distributions have. Neither needs a Docker daemon for this. */
const COMMANDS = [['docker', 'compose'], ['docker-compose']];

const found = () => COMMANDS.find(([program, ...first]) => spawnSync(program, [...first, 'version'], { stdio: 'ignore' }).status === 0);

function compose() {
  const there = found();
  if (there || !canInstall()) return there;
  console.log('Installing docker-compose for its config command (apt-get install docker-compose) …');
  apt('update');
  apt('install', '-y', '--no-install-recommends', 'docker-compose');
  return found();
}

const [program, ...first] =
  compose() ?? fail('docker-compose.yml can’t be checked without compose: install it (Debian: apt-get install docker-compose).');
const { status, stdout, stderr } = spawnSync(program, [...first, '-f', 'docker-compose.yml', 'config'], {
  cwd: root,
  encoding: 'utf8',
});
if (status !== 0) console.error(stderr.trim());
else if (!stdout.includes('introspect-2')) console.error(`compose found no services in docker-compose.yml: ${stdout}`);
process.exitCode = status === 0 && stdout.includes('introspect-2') ? 0 : 1;
