/**
 * What every command of this repository does first, on a fresh machine as on a used one: the right Node, the dependencies of the
 * lock file, an up-to-date build. Plain Node without dependencies, because nothing else can be counted on yet.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');

export function fail(sentence) {
  console.error(`\n${sentence}`);
  process.exit(1);
}

export function prepare({ build = true } = {}) {
  checkNode();
  if (!installed()) install();
  if (build && builtFrom() !== sources()) compile();
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(`Lanyard needs Node.js 20.19 or newer; this is ${process.versions.node}.`);
}

/** npm's own record of what it installed, against the lock file. Optional packages are for other platforms. */
function installed() {
  const record = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(record, 'utf8')).packages;
  return Object.entries(wanted).every(([path, { version, optional }]) => path === '' || optional || present[path]?.version === version);
}

function install() {
  console.log('Installing the dependencies (npm ci) …');
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const [command, ...first] = npm;
  const { status, error } = spawnSync(command, [...first, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) fail(`The dependencies could not be installed${error ? ` (${error.message})` : ''}: see npm's message above.`);
}

const stamp = join(root, 'dist/.built-from');

function builtFrom() {
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined;
}

function sources() {
  const hash = createHash('sha256');
  const add = (file) => {
    const { mtimeMs, size } = statSync(file);
    hash.update(`${file} ${mtimeMs} ${size}\n`);
  };
  for (const file of ['tsconfig.json', 'package-lock.json']) add(join(root, file));
  for (const folder of ['apps', 'libs', 'scripts']) {
    const files = readdirSync(join(root, folder), { recursive: true }).filter((file) => file.endsWith('.ts'));
    for (const file of files.sort()) add(join(root, folder, file));
  }
  return hash.digest('hex');
}

/** In place, because `#libs/*` resolves through `dist`; then what belongs to no source any more is removed. */
function compile() {
  console.log('Building …');
  const of = sources();
  rmSync(stamp, { force: true });
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.json'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) fail('The build failed: see the messages above.');
  for (const file of readdirSync(join(root, 'dist'), { recursive: true })) {
    const source = /^(?:apps|libs|scripts)\/.*(?=\.js(?:\.map)?$)/.exec(file)?.[0];
    if (source && !existsSync(join(root, `${source}.ts`))) rmSync(join(root, 'dist', file));
  }
  writeFileSync(stamp, of);
}
