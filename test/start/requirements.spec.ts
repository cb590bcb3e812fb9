import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

describe('npm test where Java and Maven are not and cannot be installed', () => {
  const nothing = mkdtempSync(join(tmpdir(), 'lanyard-no-tools-'));
  afterAll(() => rmSync(nothing, { recursive: true, force: true }));

  it('says so in one sentence, before and after, and goes on to jest', () => {
    // What jest would run is enough: that a spec without its broker fails with that sentence is libs/embedded-kafka's.
    const { stdout, stderr } = spawnSync(process.execPath, ['scripts/test.mjs', '--listTests', 'test/start'], {
      cwd: root,
      env: { ...process.env, PATH: nothing },
      encoding: 'utf8',
    });
    const sentence =
      'The tests with Kafka need Java 17 or newer and Maven: install them (Debian: apt-get install default-jre-headless maven). Without, they fail.';
    expect(stderr.split(sentence)).toHaveLength(3);
    expect(stdout).toContain('requirements.spec.ts');
  }, 600_000);
});
