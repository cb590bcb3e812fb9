/** An Apache with mod_auth_openidc: found, installed where we may (root on Debian), or asked for in one sentence. No service comes with the packages. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { apt, canInstall } from './apt.mjs';

const BINARY = process.env.APACHE_PATH ?? '/usr/sbin/apache2';
const MODULES = process.env.APACHE_MODULES ?? '/usr/lib/apache2/modules';
const PACKAGES = ['apache2-bin', 'libapache2-mod-auth-openidc'];

const found = () => existsSync(BINARY) && existsSync(join(MODULES, 'mod_auth_openidc.so'));

/** Undefined, or the sentence. */
export function missingApache() {
  if (found()) return undefined;
  if (canInstall()) {
    console.log(`Installing Apache (apt-get install ${PACKAGES.join(' ')}) …`);
    apt('update');
    apt('install', '-y', '--no-install-recommends', ...PACKAGES);
  }
  if (found()) return undefined;
  return `The tests with Apache need it and mod_auth_openidc: install them (Debian: apt-get install ${PACKAGES.join(' ')}) or name their paths in APACHE_PATH and APACHE_MODULES.`;
}
