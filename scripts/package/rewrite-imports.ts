import { posix } from 'node:path';
import ts from 'typescript';
import { type Entrances, parse } from './entrances.js';

const LIB = /^#libs\/([a-z-]+)$/;

/**
 * The same text with each `import { a, b } from '#libs/name'` taken from the files that a and b are in: what else the lib has is then reached by nobody, and
 * need not travel. `file`: of the text, in the package.
 */
export function rewriteImports(file: string, text: string, entrances: Entrances): string {
  let rewritten = text;
  for (const statement of parse(text).statements.toReversed()) {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) continue;
    const lib = libOf(statement.moduleSpecifier);
    if (lib === null) continue;
    const lines = linesOf(file, statement, lib, entrances).join('\n');
    rewritten = rewritten.slice(0, statement.getStart()) + lines + rewritten.slice(statement.getEnd());
  }
  if (/['"]#libs\//.test(rewritten)) throw new Error(`${file} imports a lib in a way that can not be rewritten`);
  return rewritten;
}

function libOf(specifier: ts.Expression | undefined): string | null {
  return specifier && ts.isStringLiteral(specifier) ? (LIB.exec(specifier.text)?.[1] ?? null) : null;
}

function linesOf(file: string, statement: ts.ImportDeclaration | ts.ExportDeclaration, lib: string, entrances: Entrances): string[] {
  const isImport = ts.isImportDeclaration(statement);
  const bindings = isImport ? statement.importClause?.namedBindings : statement.exportClause;
  if (!bindings || !(ts.isNamedImports(bindings) || ts.isNamedExports(bindings)))
    throw new Error(`${file}: names, one by one, from #libs/${lib}`);
  const onlyTypes = isImport ? statement.importClause?.isTypeOnly : statement.isTypeOnly;
  const byFile = new Map<string, string[]>();
  for (const element of bindings.elements) {
    const { file: from, name } = entrances.originOf(lib, (element.propertyName ?? element.name).text);
    const wanted = name === element.name.text ? name : `${name} as ${element.name.text}`;
    byFile.set(from, [...(byFile.get(from) ?? []), `${element.isTypeOnly && !onlyTypes ? 'type ' : ''}${wanted}`]);
  }
  const verb = `${isImport ? 'import' : 'export'}${onlyTypes ? ' type' : ''}`;
  return [...byFile].map(([from, names]) => `${verb} { ${names.join(', ')} } from '${relativeTo(file, from)}';`);
}

function relativeTo(file: string, to: string): string {
  const path = posix.relative(posix.dirname(file), to);
  return path.startsWith('.') ? path : `./${path}`;
}
