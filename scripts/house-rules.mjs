/** The rules of the house that no linter knows: the size of files, their names, and what specs may not do. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { root } from './prepare.mjs';

const MAX_LINES = 400;
const BAGS = /^(utils?|helpers?|common|shared|misc)(\.|$)/;
const IN_SPECS = [
  [/setTimeout\((?:resolve|r|done|res)\b|timers\/promises/, 'sleeps: wait for a condition (until) or hold a place (CheckpointGate)'],
  [
    /pg_terminate_backend\((?!\$)(?![^`;]*\bdatname\b)|ALTER (?:ROLE|SYSTEM)\b/,
    'reaches beyond its own database: all specs share one server (name datname, or REVOKE CONNECT ON DATABASE)',
  ],
  [/\b(?:it|test|describe)\.(?:skip|only|todo)\b|\bx(?:it|describe)\(/, 'skips or singles out a test'],
];

const FOLDERS = ['.ci', 'apps', 'docs', 'examples', 'libs', 'scripts', 'test'].filter((folder) => existsSync(join(root, folder)));
const files = FOLDERS.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name))),
);
const wrong = [];
for (const file of files) {
  const bag = file.split('/').find((part) => BAGS.test(part));
  if (bag) wrong.push(`${file}: "${bag}" says nothing about what it owns`);
  if (!/\.(ts|mjs|cjs|js)$/.test(file)) continue;
  const text = readFileSync(join(root, file), 'utf8');
  const lines = text.split('\n').length - 1;
  if (lines > MAX_LINES) wrong.push(`${file}: ${lines} lines, more than ${MAX_LINES}`);
  if (/\b(?:TODO|FIXME|XXX)\b/.test(text) && basename(file) !== 'house-rules.mjs') wrong.push(`${file}: leaves something to do`);
  if (!file.endsWith('.spec.ts')) continue;
  for (const [pattern, what] of IN_SPECS) if (pattern.test(text)) wrong.push(`${file}: ${what}`);
}
for (const line of wrong) console.error(line);
process.exitCode = wrong.length > 0 ? 1 : 0;
