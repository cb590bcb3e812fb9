import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';

const PLACES = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** A headless Chromium of the system. The caller opens a context per person and closes the browser in afterAll. */
export async function browser(): Promise<Browser> {
  const executablePath = PLACES.find((place) => place && existsSync(place));
  if (!executablePath)
    throw new Error('the browser tests need Chromium: install it (Debian: apt-get install chromium) or name it in CHROMIUM_PATH');
  const { chromium } = await import('playwright-core');
  // Chromium's sandbox refuses to start as root; the pages it visits here are our own.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, headless: true, args: [...sandbox, '--disable-dev-shm-usage'] });
}
