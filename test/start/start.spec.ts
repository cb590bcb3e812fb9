import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SOURCES } from '#libs/contracts';
import { freePortBase, until } from '#libs/testing';
import { lanyardAt } from '../cli/operators-terminal.js';
import { Launcher, processesOf, wasGiven } from './launcher.js';

const RUNNING = 'Ctrl-C stops everything.';
const asRoot = process.getuid?.() === 0;

describe('npm start', () => {
  let folder: string;
  let portBase: number;
  const started: Launcher[] = [];
  const launch = (env: NodeJS.ProcessEnv, user?: { uid: number; gid: number }) => {
    const launcher = new Launcher({ env, ...(user ? { user } : {}) });
    started.push(launcher);
    return launcher;
  };
  const dataDir = () => join(folder, 'data');
  const standard = () => ({ LANYARD_DATA_DIR: dataDir(), PORT_BASE: String(portBase) });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lanyard-start-'));
    chmodSync(folder, 0o755);
    portBase = await freePortBase();
  });
  afterAll(async () => {
    for (const launcher of started) launcher.kill('SIGTERM');
    await Promise.all(started.map(({ ended }) => ended));
    rmSync(folder, { recursive: true, force: true });
  });

  const keysOf = async () => {
    const { keys } = (await (await fetch(`http://localhost:${portBase + 1}/jwks`)).json()) as { keys: { kid: string }[] };
    return keys.map(({ kid }) => kid).sort();
  };

  const holders = (secret: string, dir = dataDir()) =>
    processesOf(dir)
      .filter((each) => wasGiven(each, secret))
      .map(({ what }) => what)
      .sort();

  describe('says in one sentence what is wrong', () => {
    it('when a port is taken: which one, by what it is needed, and how to choose others', async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(portBase + 1, '127.0.0.1', resolve));
      const launcher = launch(standard());
      expect(await launcher.ended).toBe(1);
      await new Promise((resolve) => server.close(resolve));
      expect(launcher.output).toContain(`Port ${portBase + 1} on 127.0.0.1, meant for the token service, is taken by another program.`);
      expect(launcher.output).toContain('PORT_BASE=');
      expect(existsSync(join(dataDir(), 'secrets'))).toBe(false);
    });

    it('when the data directory can’t be used', async () => {
      const file = join(folder, 'file');
      writeFileSync(file, '');
      for (const path of [file, join(file, 'below'), '/proc/lanyard']) {
        const launcher = launch({ ...standard(), LANYARD_DATA_DIR: path });
        expect(await launcher.ended).toBe(1);
        expect(launcher.output.trim()).toMatch(/^The data directory .* can't be used: .*\. Name another with LANYARD_DATA_DIR\.$/);
      }
    });

    it('when the configuration is wrong: the file, the path inside it, what was expected', async () => {
      const config = join(folder, 'wrong.yaml');
      writeFileSync(config, 'settings: { session_idle: 0, no_such_setting: 1 }\n');
      const launcher = launch({ ...standard(), LANYARD_CONFIG: config });
      expect(await launcher.ended).toBe(78);
      expect(launcher.output).toMatch(/wrong\.yaml: settings\.session_idle/);
      expect(launcher.output).toMatch(/no_such_setting/);
    });

    it('when DATABASE_URL leads nowhere', async () => {
      const launcher = launch({ ...standard(), DATABASE_URL: 'postgres://postgres@127.0.0.1:1/postgres' });
      expect(await launcher.ended).toBe(1);
      expect(launcher.output).toMatch(/The Postgres of DATABASE_URL can’t be reached/);
    });
  });

  describe('on a data directory of its own', () => {
    let launcher: Launcher;
    let keys: string[];

    it('starts the four services and says what runs where; what is secret is readable by its owner alone', async () => {
      rmSync(dataDir(), { recursive: true, force: true });
      launcher = launch(standard());
      await launcher.says(RUNNING, 90_000);
      for (const text of [`Issuer: http://localhost:${portBase}`, 'jane / ', 'photo-shop', dataDir(), 'Back them up']) {
        expect(launcher.output).toContain(text);
      }
      const discovery = await fetch(`http://localhost:${portBase}/.well-known/openid-configuration`);
      expect(await discovery.json()).toMatchObject({ issuer: `http://localhost:${portBase}` });
      expect(holders('LANYARD_KEK')).toEqual(['token']);
      keys = await keysOf();
      expect(keys.length).toBeGreaterThan(0);
      expect(statSync(join(dataDir(), 'secrets')).mode & 0o777).toBe(0o700);
      expect(statSync(join(dataDir(), 'secrets/kek')).mode & 0o777).toBe(0o600);
    });

    it('refuses to run twice on the same data', async () => {
      const second = launch({ ...standard(), PORT_BASE: String(await freePortBase()) });
      expect(await second.ended).toBe(1);
      expect(second.output).toContain(`Another Lanyard (process ${launcher.pid}) is running on the data directory ${dataDir()}`);
    });

    it('starts a service again that was killed, and says so', async () => {
      const session = processesOf(dataDir()).find(({ what }) => what === 'session');
      process.kill(session?.pid ?? 0, 'SIGKILL');
      await launcher.says('The session service was killed (SIGKILL); starting it again.');
      await until(async () => (await fetch(`http://127.0.0.1:${portBase + 12}/health/ready`)).ok, { timeoutMs: 90_000 });
    });

    it('stops everything on Ctrl-C and leaves no process behind', async () => {
      launcher.kill('SIGINT');
      expect(await launcher.ended).toBe(0);
      expect(processesOf(dataDir())).toEqual([]);
    });

    it('and `lanyard restore` and `lanyard keys rewrap` work on what is left, once it has stopped', async () => {
      const { run } = lanyardAt(`http://localhost:${portBase}`);
      const ended = await run(['restore', '--end-all-sessions', '--yes', '--json'], { env: standard() });
      expect({ code: ended.code, done: JSON.parse(ended.out) }).toEqual({
        code: 0,
        done: {
          subjects: 2,
          clients: expect.any(Number),
          witnesses: SOURCES.map((source) => join(dataDir(), `log-witness-${source}.json`)),
        },
      });
      const secret = (name: string) => readFileSync(join(dataDir(), 'secrets', name), 'utf8');
      const [kek, sealingKek] = [secret('kek'), secret('sealing-kek')];
      expect((await run(['keys', 'rewrap'], { env: standard() })).code).toBe(2);
      expect(secret('kek')).toBe(kek);
      const rewrapped = await run(['keys', 'rewrap', '--yes', '--json'], { env: standard() });
      expect({ code: rewrapped.code, done: JSON.parse(rewrapped.out) }).toEqual({ code: 0, done: { rewrapped: keys.length + 2 } });
      expect([secret('kek.previous'), secret('sealing-kek.previous')]).toEqual([kek, sealingKek]);
      expect([secret('kek'), secret('sealing-kek')]).not.toEqual([kek, sealingKek]);
      expect(statSync(join(dataDir(), 'secrets/kek')).mode & 0o777).toBe(0o600);
      expect(processesOf(dataDir())).toEqual([]);
    });

    it('takes everything with it when it is killed with -9, and keeps its data for the next start', async () => {
      const again = launch(standard());
      await again.says(RUNNING, 90_000);
      expect(again.output).not.toContain('Back them up');
      expect(await keysOf()).toEqual(keys);
      const { run } = lanyardAt(`http://localhost:${portBase}`);
      const who = { LANYARD_CLIENT_SECRET: 'admin-cli-secret-for-the-demonstration-only' };
      const audit = await run(['audit', 'token', '--action', 'keys.rewrapped', '--json'], { env: who });
      expect(JSON.parse(audit.out)).toEqual([
        expect.objectContaining({ actor: 'operator', details: { keys: 4, kek: true, sealing_kek: true } }),
      ]);
      again.kill('SIGKILL');
      expect(await again.ended).toBe('SIGKILL');
      await until(() => processesOf(dataDir()).length === 0, { timeoutMs: 20_000, what: 'its processes are gone' });
      const third = launch(standard());
      await third.says(RUNNING, 90_000);
      expect(await keysOf()).toEqual(keys);
      third.kill('SIGTERM');
      expect(await third.ended).toBe(0);
    });

    it('on a restored copy names the command that decides, without waiting for services that can’t become ready, and stops them', async () => {
      const witness = join(dataDir(), 'log-witness-session.json');
      const numbers = Object.entries(JSON.parse(readFileSync(witness, 'utf8')) as Record<string, number>);
      // What it is to a database to be older than the numbers its owner has seen in it.
      writeFileSync(witness, JSON.stringify(Object.fromEntries(numbers.map(([id, number]) => [id, number + 1]))));
      const launched = launch(standard());
      expect(await launched.ended).toBe(1);
      expect(launched.output).toMatch(/because (the session|this) database is a restored copy .*`npx lanyard restore --end-all-sessions`/);
      expect(launched.output).toContain('docs/backup-and-restore.md');
      expect(launched.output).not.toMatch(/is not ready after|"reasons"/);
      expect(processesOf(dataDir())).toEqual([]);
      const { run } = lanyardAt(`http://localhost:${portBase}`);
      expect((await run(['restore', '--end-all-sessions', '--yes'], { env: standard() })).code).toBe(0);
    });

    it('names the key that is missing instead of making another', async () => {
      const kek = join(dataDir(), 'secrets/kek');
      const content = readFileSync(kek);
      rmSync(kek);
      const launched = launch(standard());
      expect(await launched.ended).toBe(1);
      expect(launched.output).toContain(`${kek} is missing`);
      writeFileSync(kek, content, { mode: 0o600 });
    });
  });

  // Which user runs the tests is not ours to choose: as an ordinary user the tests above are that case already.
  const whenRoot = asRoot ? it : () => undefined;

  whenRoot('runs as an ordinary user, who owns all of it; of the secrets in the environment each service has its own', async () => {
    const home = join(folder, 'home');
    mkdirSync(home);
    const { chownSync } = await import('node:fs');
    chownSync(home, 65_534, 65_534);
    const given = { LANYARD_KEK: 'a1'.repeat(32), LANYARD_SEALING_KEK: 'b2'.repeat(32) };
    const launcher = launch({ LANYARD_DATA_DIR: join(home, 'data'), PORT_BASE: String(portBase), ...given }, { uid: 65_534, gid: 65_534 });
    await launcher.says(RUNNING, 90_000);
    expect(holders('LANYARD_KEK', join(home, 'data'))).toEqual(['token']);
    expect(holders('LANYARD_SEALING_KEK', join(home, 'data'))).toEqual(['auth', 'introspect', 'token']);
    expect(statSync(join(home, 'data/postgres/data')).uid).toBe(65_534);
    launcher.kill('SIGINT');
    expect(await launcher.ended).toBe(0);
  });

  whenRoot('as root with data below a closed home, puts the database where its user can reach it, and says where', async () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const launcher = launch({ LANYARD_DATA_DIR: join(closed, 'data'), PORT_BASE: String(portBase) });
    await launcher.says(RUNNING, 90_000);
    const place = readFileSync(join(closed, 'data/postgres-location'), 'utf8').trim();
    expect(place).toMatch(/^\/var\/lib\/lanyard\//);
    expect(launcher.output).toContain(place);
    launcher.kill('SIGINT');
    expect(await launcher.ended).toBe(0);
    rmSync(place, { recursive: true });
  });
});
