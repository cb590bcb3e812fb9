/**
 * Kubernetes' own schemas read the manifests of deploy/kubernetes (or of the folder named): every document is of a known kind, has what it must have, each value
 * is of its type, and no member is one that Kubernetes does not know. Offline: the schemas are those of the package kubernetes-models.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { parseAllDocuments } from 'yaml';
import { root } from './prepare.mjs';

const folder = process.argv[2] ?? join(root, 'deploy/kubernetes');
const documents = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .flatMap((name) => parseAllDocuments(readFileSync(join(folder, name), 'utf8')).map((document) => read(name, document)));
const wrong = [...(await Promise.all(documents.map(valuesOf))).flat(), ...membersOf(documents)];
for (const line of wrong) console.error(line);
if (documents.length === 0) console.error(`there is no manifest in ${folder}`);
process.exitCode = wrong.length > 0 || documents.length === 0 ? 1 : 0;

function read(name, document) {
  const problem = document.errors[0]?.message ?? null;
  const value = document.toJS() ?? {};
  return { name: `${name} (${value.kind} ${value.metadata?.name})`, value, problem };
}

/** The types and the required members: JSON schemas, compiled. */
async function valuesOf({ name, value, problem }) {
  if (problem) return [`${name}: ${problem}`];
  try {
    const { [value.kind]: Model } = await import(`kubernetes-models/${value.apiVersion}`);
    new Model(value).validate();
    return [];
  } catch (error) {
    return [`${name}: ${error.message}`];
  }
}

/** Members that do not exist: TypeScript's check of a literal against the declarations made from the same schemas. */
function membersOf(all) {
  const file = join(root, 'scripts/manifests-in-memory.ts');
  const lines = all.map(
    ({ value }, index) =>
      `import { I${value.kind} as K${index} } from 'kubernetes-models/${value.apiVersion}'; export const m${index}: K${index} = ${JSON.stringify(value)};`,
  );
  const options = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    noEmit: true,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const real = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...rest) => (name === file ? ts.createSourceFile(name, lines.join('\n'), rest[0]) : real(name, ...rest));
  const there = host.fileExists.bind(host);
  host.fileExists = (name) => name === file || there(name);
  const program = ts.createProgram([file], options, host);
  const source = program.getSourceFile(file);
  return program.getSemanticDiagnostics(source).map((diagnostic) => {
    const { line } = source.getLineAndCharacterOfPosition(diagnostic.start);
    return `${all[line]?.name ?? basename(file)}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')}`;
  });
}
