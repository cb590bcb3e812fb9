/** The browser tests need Chromium: found, installed where we may (root on Debian), or asked for in one sentence. */
import { existsSync } from 'node:fs';
import { apt, canInstall } from './apt.mjs';

const PLACES = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const found = () => PLACES.some((place) => place && existsSync(place));

/** Undefined, or the sentence. */
export function missingChromium() {
  if (found()) return undefined;
  if (canInstall()) {
    console.log('Installing Chromium for the browser tests (apt-get install chromium) …');
    apt('update');
    apt('install', '-y', '--no-install-recommends', 'chromium');
  }
  if (found()) return undefined;
  return 'The browser tests need Chromium: install it (Debian: apt-get install chromium) or name its path in CHROMIUM_PATH.';
}
