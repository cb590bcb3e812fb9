/** The browser tests need Chromium: found, installed where we may (root on Debian), or asked for in one sentence. */
import { existsSync } from 'node:fs';
import { apt, mayInstall } from './apt.mjs';
import { fail } from './prepare.mjs';

const PLACES = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const found = () => PLACES.some((place) => place && existsSync(place));

export function ensureChromium() {
  if (found()) return;
  if (mayInstall()) {
    console.log('Installing Chromium for the browser tests (apt-get install chromium) …');
    apt('update');
    apt('install', '-y', '--no-install-recommends', 'chromium');
  }
  if (!found()) fail('The browser tests need Chromium: install it (Debian: apt-get install chromium) or name its path in CHROMIUM_PATH.');
}
