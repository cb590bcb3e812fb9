/**
 * `npm run docs`: writes the references that would drift if people wrote them: configuration, errors, events, metrics, and the
 * admin APIs' OpenAPI documents. With `--check` it writes nothing and fails when a file is not what the schemas and catalogues say (STYLE.md 16).
 */
import 'reflect-metadata';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { configurationPage } from './docs/configuration-page.js';
import { errorsPage } from './docs/errors-page.js';
import { eventsPage } from './docs/events-page.js';
import { metricsPage } from './docs/metrics-page.js';
import { OPENAPI_PAGES } from './docs/openapi-pages.js';

const PAGES: Record<string, () => string> = {
  'docs/configuration.md': configurationPage,
  'docs/errors.md': errorsPage,
  'docs/events.md': eventsPage,
  'docs/metrics.md': metricsPage,
  ...OPENAPI_PAGES,
};

const check = process.argv.includes('--check');
const different: string[] = [];
for (const [name, page] of Object.entries(PAGES)) {
  // npm and the check run this from the repository's root.
  const file = join(process.cwd(), name);
  const text = page();
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  different.push(name);
  if (check) continue;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
if (check && different.length > 0) {
  console.error(`Not what the code says: ${different.join(', ')}. Run npm run docs and commit the result.`);
  process.exitCode = 1;
} else {
  console.log(different.length === 0 ? 'The generated documents are up to date.' : `Written: ${different.join(', ')}`);
}
