import { posix } from 'node:path';
import ts from 'typescript';
import { Entrances } from './entrances.js';
import { rewriteImports } from './rewrite-imports.js';

/** One of the package's entrances, and what it may import that is not its own. */
export interface Entrance {
  /** In the package, without an ending. */
  readonly file: string;
  readonly mayImport: readonly string[];
}

/**
 * The files that the entrances reach, by their path in the package, with every import between them relative. `compiled`: all there are. Throws where one reaches what it may not: a
 * framework in the core, a package that its users do not have, a type of Node's that they would have to install.
 */
export function collect(
  entrances: readonly Entrance[],
  compiled: ReadonlyMap<string, string>,
  indexOf: (lib: string) => string,
): Map<string, string> {
  const indexes = new Entrances(indexOf);
  const reached = new Map<string, string>();
  for (const { file, mayImport } of entrances) {
    for (const ending of ['.js', '.d.ts']) {
      const isAllowed = (name: string) => mayImport.includes(name) || (ending === '.js' && name.startsWith('node:'));
      walk(`${file}${ending}`, ending, isAllowed, new Set());
    }
  }
  return reached;

  function walk(file: string, ending: string, isAllowed: (name: string) => boolean, seen: Set<string>): void {
    if (seen.has(file)) return;
    seen.add(file);
    const text = reached.get(file) ?? rewriteImports(file, textOf(compiled, file), indexes);
    reached.set(file, text);
    for (const { fileName } of ts.preProcessFile(text, true, true).importedFiles) {
      if (fileName.startsWith('.')) walk(posix.join(posix.dirname(file), fileName.replace(/\.js$/, ending)), ending, isAllowed, seen);
      else if (!isAllowed(fileName)) throw new Error(`${file} imports ${fileName}`);
    }
  }
}

function textOf(compiled: ReadonlyMap<string, string>, file: string): string {
  const text = compiled.get(file);
  if (text === undefined) throw new Error(`${file} was not made by the compiler`);
  return text;
}
