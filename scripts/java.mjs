/** A real Kafka needs Java and Maven: found, installed where we may (root on Debian), or asked for in one sentence. */
import { spawnSync } from 'node:child_process';
import { apt, canInstall } from './apt.mjs';
import { fail } from './prepare.mjs';

const runs = (command, flag) => spawnSync(command, [flag], { stdio: 'ignore' }).status === 0;
const missing = () => [...(runs('java', '-version') ? [] : ['Java 17 or newer']), ...(runs('mvn', '-v') ? [] : ['Maven'])];

/** `who`: with its verb; `otherwise`: what can be done without. */
export function ensureJava(who = 'The tests with Kafka need', otherwise = '') {
  if (missing().length === 0) return;
  if (canInstall()) {
    console.log(`Installing ${missing().join(' and ')} for Kafka (apt-get install default-jre-headless maven) …`);
    apt('update');
    apt('install', '-y', '--no-install-recommends', 'default-jre-headless', 'maven');
  }
  const still = missing();
  if (still.length === 0) return;
  const how = `install ${still.length > 1 ? 'them' : 'it'} (Debian: apt-get install default-jre-headless maven)`;
  fail(`${who} ${still.join(' and ')}: ${how}${otherwise && `, ${otherwise}`}.`);
}
