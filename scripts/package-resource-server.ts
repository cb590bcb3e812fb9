/**
 * `npm run package:resource-server [-- folder]`: makes of libs/resource-server a package that stands on its own, ready for `npm publish`: JavaScript, declarations,
 * README and licence, no import of this repository left, nothing in it that its entrances do not reach.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { collect, type Entrance } from './package/collect.js';
import { emit } from './package/emit.js';

const ROOT = join(import.meta.dirname, '../..');
const LIB = 'libs/resource-server';
/** By the subpath that `exports` of npm/package.json gives them; each with what it may import beside Node. */
const ENTRANCES: Readonly<Record<string, Entrance>> = {
  '.': { file: 'dist/resource-server/index', mayImport: [] },
  './express': { file: 'dist/resource-server/adapters/express', mayImport: [] },
  './fastify': { file: 'dist/resource-server/adapters/fastify', mayImport: ['fastify'] },
  './nest': { file: 'dist/resource-server/adapters/nest', mayImport: ['@nestjs/common'] },
};
const SOURCES = ['index', 'adapters/express', 'adapters/fastify', 'adapters/nest'].map((name) => `${LIB}/src/${name}.ts`);

const folder = resolve(process.argv[2] ?? join(ROOT, 'dist/packages/resource-server'));
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
checkExports(JSON.parse(read(`${LIB}/npm/package.json`)));
const compiled = new Map([...emit(ROOT, SOURCES)].map(([file, text]) => [file.replace(/^libs\/([^/]+)\/src\//, 'dist/$1/'), text]));
const files = collect(Object.values(ENTRANCES), compiled, (lib) => read(`libs/${lib}/src/index.ts`));

rmSync(folder, { recursive: true, force: true });
for (const [file, text] of files) {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}
cpSync(join(ROOT, `${LIB}/npm`), folder, { recursive: true });
cpSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
console.log(`${files.size} files: ${folder}`);

/** What is written there by hand has to be what is made here. */
function checkExports({ exports }: { exports: unknown }): void {
  const wanted = Object.entries(ENTRANCES).map(([name, { file }]) => [name, { types: `./${file}.d.ts`, default: `./${file}.js` }]);
  const right = { ...Object.fromEntries(wanted), './package.json': './package.json' };
  if (!isDeepStrictEqual(exports, right)) throw new Error(`exports of ${LIB}/npm/package.json must be ${JSON.stringify(right, null, 2)}`);
}
