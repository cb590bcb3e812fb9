/** The browser tests need Chromium: found, installed where we may (root on Debian), or asked for in one sentence. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
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
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log('Installing Chromium for the browser tests (apt-get install chromium) …');
    apt('update');
    apt('install', '-y', '--no-install-recommends', 'chromium');
  }
  if (!found()) fail('The browser tests need Chromium: install it (Debian: apt-get install chromium) or name its path in CHROMIUM_PATH.');
}

/** Another apt-get may hold a lock (a fresh machine updates itself): wait for it, up to five minutes. */
function apt(...command) {
  const options = ['-q', '-o', 'DPkg::Lock::Timeout=300'];
  for (let attempt = 1; attempt <= 30; attempt++) {
    const { status, stderr } = spawnSync('apt-get', [...options, ...command], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
    if (status === 0) return;
    if (!/Could not get lock|Unable to lock/.test(stderr)) return console.error(stderr.trim());
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10_000);
  }
}
