import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { sessionApi } from '#libs/contracts';
import { STORY, secretOf } from '#libs/testing';
import { UserAgent } from '../actors/user-agent.js';
import { startWorld, type World } from '../world.js';

const ROOT = join(import.meta.dirname, '../..');
const HERE = join(import.meta.dirname, 'package');
const NPM = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

/** The package as it would be published, and a folder in which nothing is but what npm made of it, without a network. */
let folder: string;
let app: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lanyard-package-'));
  app = join(folder, 'app');
  mkdirSync(app);
  run(process.execPath, [join(ROOT, 'scripts/run.mjs'), 'package-resource-server', join(folder, 'package')], ROOT);
  npm(['pack', '--pack-destination', folder], join(folder, 'package'));
  const packed = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  writeFileSync(join(app, 'package.json'), '{"type":"module","private":true}');
  npm(['install', '--offline', '--ignore-scripts', join(folder, packed)], app);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(command: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(command, [...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')}\n${stdout}\n${stderr}`);
  }
}

function npm(args: readonly string[], cwd: string): void {
  const [command = 'npm', ...first] = NPM;
  run(command, [...first, ...args, '--no-audit', '--no-fund', '--loglevel=error'], cwd);
}

const installed = () => join(app, 'node_modules/@lanyard/resource-server');
const filesOf = (at: string) =>
  readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

it('stands alone: it needs no other package, brings none, and nothing of this repository is left in it', () => {
  expect(readdirSync(join(app, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['@lanyard']);
  const code = filesOf(join(installed(), 'dist'));
  for (const file of code) {
    const imported = [...readFileSync(file, 'utf8').matchAll(/(?:from |import\()['"]([^'"]+)['"]/g)].map(([, name]) => name ?? '');
    const strange = imported.filter((name) => !name.startsWith('.') && !name.startsWith('node:'));
    const framework = /adapters\/(fastify|nest)\.(?:d\.ts|js)$/.exec(file)?.[1];
    const allowed = { fastify: ['fastify'], nest: ['@nestjs/common'] }[framework ?? ''] ?? [];
    expect(strange.filter((name) => !allowed.includes(name))).toEqual([]);
  }
  expect(code.filter((file) => /\.spec\.|testing|kek|seal/.test(file.slice(installed().length)))).toEqual([]);
  expect(readdirSync(installed()).sort()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json']);
});

it('is typed for whoever has nothing but it, Node’s types not included', () => {
  expect(check('core.ts', { types: [], skipLibCheck: false })).toBe('');
});

it('is typed for each framework', () => {
  for (const name of ['@nestjs/common', 'express', 'fastify', '@types/node', '@types/express', 'rxjs', 'reflect-metadata']) link(name);
  expect(check('frameworks.ts', { types: ['node'], skipLibCheck: true, experimentalDecorators: true })).toBe('');
});

function check(name: string, options: object): string {
  copyFileSync(join(HERE, `${name}.txt`), join(app, name));
  const compilerOptions = { module: 'nodenext', target: 'es2023', lib: ['es2023'], strict: true, noEmit: true, ...options };
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [name] }));
  return run(process.execPath, [TSC, '-p', app], app);
}

/** As if it were installed; what it needs itself is found where it really is. */
function link(name: string): void {
  mkdirSync(dirname(join(app, 'node_modules', name)), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules', name), join(app, 'node_modules', name), 'dir');
}

describe('a plain program that has nothing but the package', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  }, 60_000);
  afterAll(() => world?.close());

  it.each([
    ['an opaque token', 'photos:read', STORY.photosApi, 'photos-api'],
    ['a JWT', 'prints:order', STORY.printsApi, 'prints-api'],
  ])('accepts %s of real services, and refuses it when its session has ended', async (_form, scope, audience, clientId) => {
    const { access_token: token, id_token } = await world.tokensFor(new UserAgent(), world.shop, `openid ${scope} online_access`);
    const { sid, sub } = JSON.parse(Buffer.from(id_token.split('.')[1] ?? '', 'base64url').toString()) as { sid: string; sub: string };
    copyFileSync(join(HERE, 'api.mjs.txt'), join(app, 'api.mjs'));
    const api = spawn(process.execPath, ['api.mjs'], { cwd: app, stdio: ['pipe', 'pipe', 'inherit'] });
    const exited = new Promise<number | null>((resolve) => api.once('exit', resolve));
    const lines = createInterface({ input: api.stdout })[Symbol.asyncIterator]();
    const said = async () => JSON.parse((await lines.next()).value ?? 'null') as { status: number };
    api.stdin.end(JSON.stringify({ issuer: world.issuer, audience, clientId, clientSecret: secretOf(clientId), token }));
    try {
      expect(await said()).toEqual({ status: 200, sub, sid, fresh: true });
      await world.stand.call('auth', sessionApi.end, { sid, reason: 'admin', initiated_by: 'admin', actor: null });
      let last = await said();
      while (last?.status === 503 || last?.status === 200) last = await said();
      expect(last).toMatchObject({ status: 401, challenge: expect.stringContaining('Bearer error="invalid_token"') });
      expect(await exited).toBe(0);
    } finally {
      api.kill('SIGKILL');
    }
  });
});
