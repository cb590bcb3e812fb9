import { join, relative } from 'node:path';
import ts from 'typescript';

/**
 * What the compiler makes of these sources and of all they import: JavaScript and declarations, by the path that they would have below the repository
 * (`libs/keys/src/key-set.js`). Throws what the compiler says.
 */
export function emit(root: string, sources: readonly string[]): Map<string, string> {
  const options = optionsOf(root);
  const host = ts.createCompilerHost(options);
  const program = ts.createProgram({ rootNames: sources.map((source) => join(root, source)), options, host });
  const emitted = new Map<string, string>();
  const { diagnostics } = program.emit(undefined, (file, text) => emitted.set(relative(root, file), text));
  const wrong = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (wrong.length > 0) throw new Error(ts.formatDiagnostics(wrong, host));
  return emitted;
}

/** The repository's own, with declarations; `source`: so that `#libs/…` leads to sources and not to what was built before. */
function optionsOf(root: string): ts.CompilerOptions {
  const file = join(root, 'tsconfig.json');
  const { config, error } = ts.readConfigFile(file, ts.sys.readFile);
  if (error) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, '\n'));
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root);
  return { ...options, declaration: true, sourceMap: false, outDir: root, rootDir: root, customConditions: ['source'] };
}
