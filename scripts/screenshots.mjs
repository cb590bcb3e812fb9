/** `npm run screenshots`: the story and the walk through the account in Chromium once more, with a picture of each page they visit, into docs/screenshots/. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './prepare.mjs';

const folder = join(root, 'docs/screenshots');
mkdirSync(folder, { recursive: true });
process.env.LANYARD_SCREENSHOTS = folder;
process.argv.splice(2, process.argv.length, 'test/story', 'test/account/walk');
await import('./test.mjs');
