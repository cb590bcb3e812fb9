import ts from 'typescript';

/** A name that a lib's index gives, and the file of the package that it comes from. */
interface Origin {
  readonly file: string;
  readonly name: string;
}

type Exports = ReadonlyMap<string, Origin>;

/** Reads what each lib's `index.ts` says it gives: `export { name } from './file.js'`, and nothing cleverer. */
export class Entrances {
  private readonly read = new Map<string, Exports>();

  /** `indexOf`: the text of a lib's `index.ts`. */
  constructor(private readonly indexOf: (lib: string) => string) {}

  /** Where `name` of `#libs/lib` comes from. */
  originOf(lib: string, name: string): Origin {
    let known = this.read.get(lib);
    if (!known) {
      known = exportsOf(lib, this.indexOf(lib));
      this.read.set(lib, known);
    }
    const origin = known.get(name);
    if (!origin) throw new Error(`#libs/${lib} does not give ${name} by a line of its own`);
    return origin;
  }
}

function exportsOf(lib: string, text: string): Exports {
  const exports = new Map<string, Origin>();
  for (const statement of parse(text).statements) {
    const { exportClause, moduleSpecifier } = ts.isExportDeclaration(statement) ? statement : {};
    if (!exportClause || !moduleSpecifier || !ts.isNamedExports(exportClause) || !ts.isStringLiteral(moduleSpecifier)) continue;
    const file = `dist/${lib}/${moduleSpecifier.text.replace(/^\.\//, '')}`;
    for (const { name, propertyName } of exportClause.elements) exports.set(name.text, { file, name: (propertyName ?? name).text });
  }
  return exports;
}

export function parse(text: string): ts.SourceFile {
  return ts.createSourceFile('file.ts', text, ts.ScriptTarget.Latest, true);
}
