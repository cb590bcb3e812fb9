/** The tests start a real Kafka: Java and Maven are found, installed where we may (root on Debian), or asked for in one sentence. */
import { spawnSync } from 'node:child_process';
import { apt, canInstall } from './apt.mjs';
import { fail } from './prepare.mjs';

const runs = (command, flag) => spawnSync(command, [flag], { stdio: 'ignore' }).status === 0;
const found = () => runs('java', '-version') && runs('mvn', '-v');

export function ensureJava() {
  if (found()) return;
  if (canInstall()) {
    console.log('Installing Java and Maven for the tests with Kafka (apt-get install default-jre-headless maven) …');
    apt('update');
    apt('install', '-y', '--no-install-recommends', 'default-jre-headless', 'maven');
  }
  if (!found())
    fail('The tests with Kafka need Java 17 or newer and Maven: install them (Debian: apt-get install default-jre-headless maven).');
}
