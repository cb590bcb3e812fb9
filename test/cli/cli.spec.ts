import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { secretOf } from '#libs/testing';
import { deadAt, signedIn } from '../ends/life.js';
import { startWorld, type World } from '../world.js';

/** The `lanyard` command as a process of its own, against running services: what it prints, and what its exit code says. */
let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 120_000);
afterAll(() => world?.close());

interface Ran {
  code: number;
  out: string;
  err: string;
}

const COMMAND = join(import.meta.dirname, '../../bin/lanyard.mjs');

function lanyard(args: string[], { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {}): Promise<Ran> {
  const who = { LANYARD_ISSUER: world.stand.issuer, LANYARD_CLIENT_ID: 'admin-cli', LANYARD_CLIENT_SECRET: secretOf('admin-cli') };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [COMMAND, ...args], { env: { PATH: process.env.PATH, ...who, ...env } }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    );
    child.stdin?.end(input);
  });
}

const json = async <T>(...args: string[]): Promise<T> => {
  const { code, out, err } = await lanyard([...args, '--json']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out) as T;
};

describe('sessions', () => {
  it('are listed, shown and ended; what is ended is dead when the command returns', async () => {
    const life = await signedIn(world);
    const listed = await json<{ sid: string; clients: string[] }[]>('sessions', 'list', '--user', life.sub);
    expect(listed.map(({ sid }) => sid)).toContain(life.sid);
    const shown = await lanyard(['sessions', 'show', life.sid]);
    expect(shown.out).toMatch(/participants\nCLIENT_ID +JOINED_AT/);
    expect(await json('sessions', 'end', life.sid)).toMatchObject({ ended: true, confirmed: true });
    await deadAt(world, 'photo-shop', life.online);
    expect(await json('sessions', 'end', life.sid)).toMatchObject({ ended: false });
    const audited = await json<{ actor: string; action: string }[]>('audit', 'session', '--target', life.sid);
    expect(audited).toContainEqual(expect.objectContaining({ actor: 'client:admin-cli' }));
  });

  it('of a user end together; of everybody only with --yes', async () => {
    const [first, second] = [await signedIn(world), await signedIn(world)];
    expect((await lanyard(['sessions', 'end', '--all'])).code).toBe(2);
    const { ended } = await json<{ ended: number }>('sessions', 'end', '--user', first.sub);
    expect(ended).toBeGreaterThanOrEqual(2);
    await deadAt(world, 'photo-shop', first.online);
    await deadAt(world, 'photo-shop', second.online);
  });
});

describe('grants and keys', () => {
  it('a grant is found by its session and revoked; the session goes on', async () => {
    const life = await signedIn(world);
    const { gid } = onlineOf(await json<{ gid: string; access_mode: string }[]>('grants', 'list', '--sid', life.sid));
    expect(await json('grants', 'revoke', gid)).toMatchObject({ revoked: true, confirmed: true });
    expect(await json('sessions', 'show', life.sid)).toMatchObject({ state: 'active' });
  });

  it('keys are listed by line and state, and never shown', async () => {
    const keys = await json<Record<string, unknown>[]>('keys', 'list', '--state', 'active');
    expect(keys.map(({ line }) => line)).toEqual(expect.arrayContaining(['signing:RS256', 'signing:ES256', 'sealing', 'refresh_mac']));
    expect(JSON.stringify(keys)).not.toMatch(/"(?:d|k|envelope|private\w*)":/);
  });
});

describe('users', () => {
  it('are made with a password from standard input, which is never an argument', async () => {
    const made = await lanyard(['users', 'create', 'grace', '--json'], { input: 'a long enough password\n' });
    expect({ code: made.code, err: made.err }).toEqual({ code: 0, err: '' });
    const { sub } = JSON.parse(made.out) as { sub: string };
    expect(await json('users', 'disable', sub)).toMatchObject({ confirmed: true });
    const listed = await lanyard(['users', 'list', '--search', 'gra']);
    expect(listed.out).toMatch(new RegExp(`${sub} +grace +true +api`));
    expect((await lanyard(['users', 'create', 'nobody'])).code).toBe(2);
  });
});

describe('check', () => {
  it('finds nothing wrong in a system that is in order', async () => {
    const { code, out } = await lanyard(['check']);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/true +introspect +view[\s\S]*Nothing is wrong\./) });
  });
});

describe('what goes wrong', () => {
  it.each([
    ['an unknown command', ['sessions', 'destroy'], {}, 2, /Usage: lanyard/],
    ['an unknown option', ['users', 'list', '--everything'], {}, 2, /--everything/],
    ['a missing name', ['sessions', 'show'], {}, 2, /lanyard sessions show <sid>/],
    ['a thing that is not there', ['sessions', 'show', 'nothing'], {}, 1, /404/],
    ['a wrong secret', ['users', 'list'], { LANYARD_CLIENT_SECRET: 'wrong' }, 3, /401/],
    ['no secret at all', ['users', 'list'], { LANYARD_CLIENT_SECRET: '' }, 2, /LANYARD_CLIENT_SECRET/],
    ['a server that is not there', ['users', 'list'], { LANYARD_ISSUER: 'http://127.0.0.1:9' }, 4, /can't be reached/],
  ])('%s has its own exit code and one sentence', async (_, args, env, code, sentence) => {
    const ran = await lanyard(args, { env });
    expect(ran).toMatchObject({ code, out: '', err: expect.stringMatching(sentence) });
  });
});

function onlineOf(grants: { gid: string; access_mode: string }[]): { gid: string } {
  const online = grants.find(({ access_mode: mode }) => mode === 'online');
  if (!online) throw new Error('no online grant');
  return online;
}
