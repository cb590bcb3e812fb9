/** A redis-server: found, installed where we may (root on Debian), or asked for in one sentence. */
import { existsSync } from 'node:fs';
import { apt, canInstall } from './apt.mjs';
import { fail } from './prepare.mjs';

const PLACES = [process.env.REDIS_SERVER_PATH, '/usr/bin/redis-server', '/usr/local/bin/redis-server', '/opt/homebrew/bin/redis-server'];

const found = () => PLACES.some((place) => place && existsSync(place));

/** `who`: with its verb. Undefined, or the sentence. */
export function missingRedis(who = 'The Redis tests need') {
  if (found()) return undefined;
  if (canInstall()) {
    console.log('Installing Redis (apt-get install redis-server) …');
    apt('update');
    apt('install', '-y', '--no-install-recommends', 'redis-server');
  }
  if (found()) return undefined;
  return `${who} redis-server: install it (Debian: apt-get install redis-server) or name its path in REDIS_SERVER_PATH.`;
}

export function ensureRedis(who) {
  const sentence = missingRedis(who);
  if (sentence) fail(sentence);
}
