/** An nginx: found, installed where we may (root on Debian), or asked for in one sentence. */
import { existsSync } from 'node:fs';
import { apt, canInstall } from './apt.mjs';

const PLACES = [process.env.NGINX_PATH, '/usr/sbin/nginx', '/usr/local/sbin/nginx', '/opt/homebrew/bin/nginx'];

const found = () => PLACES.some((place) => place && existsSync(place));

/** Undefined, or the sentence. */
export function missingNginx() {
  if (found()) return undefined;
  if (canInstall()) {
    console.log('Installing nginx (apt-get install nginx-light) …');
    apt('update');
    apt('install', '-y', '--no-install-recommends', 'nginx-light');
  }
  if (found()) return undefined;
  return 'The gateway tests need nginx: install it (Debian: apt-get install nginx-light) or name its path in NGINX_PATH.';
}
