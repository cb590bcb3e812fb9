/** An nginx: found, installed where we may (root on Debian), or asked for in one sentence. */
import { existsSync } from 'node:fs';
import { apt, canInstall } from './apt.mjs';
import { fail } from './prepare.mjs';

const PLACES = [process.env.NGINX_PATH, '/usr/sbin/nginx', '/usr/local/sbin/nginx', '/opt/homebrew/bin/nginx'];

const found = () => PLACES.some((place) => place && existsSync(place));

export function ensureNginx() {
  if (found()) return;
  if (canInstall()) {
    console.log('Installing nginx (apt-get install nginx-light) …');
    apt('update');
    apt('install', '-y', '--no-install-recommends', 'nginx-light');
  }
  if (!found()) fail('The gateway tests need nginx: install it (Debian: apt-get install nginx-light) or name its path in NGINX_PATH.');
}
