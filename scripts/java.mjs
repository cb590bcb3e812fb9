/** A real Kafka needs Java and Maven: found, installed where we may (root on Debian), or asked for in one sentence. */
import { spawnSync } from 'node:child_process';
import { apt, canInstall } from './apt.mjs';
import { fail } from './prepare.mjs';

const runs = (command, flag) => spawnSync(command, [flag], { stdio: 'ignore' }).status === 0;
/** `openjdk version "17.0.15"`, and `"1.8.0_412"` of the old ones. */
const java = () => Number(/version "(\d+)/.exec(spawnSync('java', ['-version'], { encoding: 'utf8' }).stderr)?.[1] ?? 0);
const missing = () => [...(java() >= 17 ? [] : ['Java 17 or newer']), ...(runs('mvn', '-v') ? [] : ['Maven'])];

/** `who`: with its verb; `otherwise`: what can be done without. Undefined, or the sentence. */
export function missingJava(who = 'The tests with Kafka need', otherwise = '') {
  if (missing().length === 0) return undefined;
  if (canInstall()) {
    console.log(`Installing ${missing().join(' and ')} for Kafka (apt-get install default-jre-headless maven) …`);
    apt('update');
    apt('install', '-y', '--no-install-recommends', 'default-jre-headless', 'maven');
  }
  const still = missing();
  if (still.length === 0) return undefined;
  const how = `install ${still.length > 1 ? 'them' : 'it'} (Debian: apt-get install default-jre-headless maven)`;
  return `${who} ${still.join(' and ')}: ${how}${otherwise && `, ${otherwise}`}.`;
}

export function ensureJava(who, otherwise) {
  const sentence = missingJava(who, otherwise);
  if (sentence) fail(sentence);
}
