/** `npm run check`: everything that can be judged without running the product. All checks run, then the verdict. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

prepare();

const bin = (path) => [process.execPath, join(root, 'node_modules', path)];
const own = (path, ...rest) => [process.execPath, join(root, 'scripts', path), ...rest];
const CHECKS = {
  'lint and format (biome)': [...bin('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.'],
  'types, tests included (tsc)': [...bin('typescript/bin/tsc'), '-p', 'tsconfig.test.json'],
  'direction of imports (dependency-cruiser)': [
    ...bin('dependency-cruiser/bin/dependency-cruise.mjs'),
    '--config=.dependency-cruiser.cjs',
    ...['apps', 'libs', 'scripts', 'test'],
  ],
  'rules of the house': own('house-rules.mjs'),
  'nest-cli.json': own('nest-config.mjs'),
  'docker-compose.yml (docker compose config)': own('compose-config.mjs'),
  'deploy/kubernetes (schemas)': own('kubernetes-manifests.mjs'),
  'generated documents (docs --check)': own('run.mjs', 'docs', '--check'),
};

const failed = [];
for (const [name, [command, ...args]] of Object.entries(CHECKS)) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  console.log(`${status === 0 ? 'ok     ' : 'FAILED '} ${name}`);
  if (status !== 0) failed.push(name);
}
console.log(
  failed.length === 0 ? 'All checks passed.' : `${failed.length} of ${Object.keys(CHECKS).length} checks failed: ${failed.join('; ')}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
