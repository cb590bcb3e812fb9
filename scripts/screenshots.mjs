/** `npm run screenshots`: the story in Chromium once more, with a picture of each page it visits, into docs/screenshots/. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './prepare.mjs';

const folder = join(root, 'docs/screenshots');
mkdirSync(folder, { recursive: true });
process.env.LANYARD_SCREENSHOTS = folder;
process.argv.splice(2, process.argv.length, 'test/story');
await import('./test.mjs');
