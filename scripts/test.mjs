/**
 * `npm test`: everything that is needed, then jest. What is missing and can't be installed is said before and after: the tests that need it
 * fail with that sentence, all others run. The last line is the count: `N passed, N failed, N skipped`.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingApache } from './apache.mjs';
import { missingChromium } from './chromium.mjs';
import { missingJava } from './java.mjs';
import { missingNginx } from './nginx.mjs';
import { prepare, root } from './prepare.mjs';
import { missingRedis } from './redis.mjs';

// `npm run test:deep`: what takes minutes. `npm run test:interop`: what needs other people's servers. Each only that.
const [kind] = ['deep', 'interop'].filter((name) => process.argv[2] === `--${name}`);
const args = process.argv.slice(kind ? 3 : 2);

prepare();
const needs = kind === 'interop' ? [missingApache] : [missingChromium, missingRedis, missingNginx, missingJava];
const missing = needs.map((missingOne) => missingOne()).filter((sentence) => sentence !== undefined);
const sayMissing = () => {
  for (const sentence of missing) console.error(`\n${sentence} Without, they fail.`);
};
sayMissing();

const folder = mkdtempSync(join(tmpdir(), 'lanyard-test-'));
const countFile = join(folder, 'count.json');
const jest = spawn(process.execPath, [join(root, 'node_modules/jest/bin/jest.js'), '--ci', ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, NODE_ENV: 'test', LANYARD_TEST_COUNT: countFile, ...(kind ? { LANYARD_TEST_KIND: kind } : {}) },
});
// Ctrl-C reaches jest as well; it stops its servers, we report.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => jest.kill(signal));
const code = await new Promise((resolve) => jest.once('exit', resolve));

const count = existsSync(countFile) ? JSON.parse(readFileSync(countFile, 'utf8')) : { passed: 0, failed: 1, skipped: 0 };
rmSync(folder, { recursive: true, force: true });
// jest can fail without a failed test (a teardown that threw, a crash): that is a failure too.
if (code !== 0 && count.failed === 0 && count.passed > 0) count.failed = 1;
sayMissing();
if (count.passed + count.failed === 0) console.log('No test ran.');
console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
process.exitCode = count.failed === 0 && count.passed > 0 ? 0 : 1;
