import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FLOWS, WITHOUT_A_KILL } from './kill/each-place.js';

const ROOT = join(import.meta.dirname, '../..');
/** What stands in for the flow's name at the token endpoint; `Issuance` lists them. */
const ISSUANCES = ['code', 'refresh', 'client-credentials'];

function placesInSource(): string[] {
  const files = ['apps', 'libs'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.parentPath.includes('/src') && /(?<!\.spec)\.ts$/.test(entry.name))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
  );
  const calls = files.flatMap((text) => [...text.matchAll(/\breach\(\s*(['"`][^)]*['"`])/g)].map(([, name = '']) => name.slice(1, -1)));
  return [...new Set(calls.flatMap((name) => ISSUANCES.map((flow) => name.replace(/\$\{issuance\.flow\}/, flow))))].sort();
}

describe('the places at which a process can be killed', () => {
  it('are each in a flow that is killed there, or have a reason why not', () => {
    const covered = [...FLOWS.flatMap(({ places }) => Object.keys(places)), ...Object.keys(WITHOUT_A_KILL)];
    expect([...new Set(covered)].sort()).toEqual(placesInSource());
  });

  it('are killed every day in at least one of a flow’s two halves', () => {
    for (const { daily, places } of FLOWS) for (const place of daily) expect(places).toHaveProperty([place]);
  });

  it('name no flow that the token endpoint does not have', () => {
    const source = readFileSync(join(ROOT, 'apps/token/src/issuing/issuance.ts'), 'utf8');
    expect(source).toContain(`readonly flow: ${ISSUANCES.map((flow) => `'${flow}'`).join(' | ')};`);
  });
});
