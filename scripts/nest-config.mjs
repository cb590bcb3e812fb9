/** nest-cli.json names what is there, and each app's own tsconfig can be read: then the usual Nest commands work. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './prepare.mjs';

const { projects } = JSON.parse(readFileSync(join(root, 'nest-cli.json'), 'utf8'));
const wrong = [];
for (const [name, project] of Object.entries(projects)) {
  const entry = join(project.sourceRoot, `${project.entryFile}.ts`);
  const tsconfig = project.compilerOptions.tsConfigPath;
  for (const file of [entry, tsconfig]) if (!existsSync(join(root, file))) wrong.push(`${name}: ${file} is missing`);
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', tsconfig, '--showConfig'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) wrong.push(`${name}: ${stdout.trim()}`);
}
for (const line of wrong) console.error(line);
process.exitCode = wrong.length > 0 ? 1 : 0;
