import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { secretOf, until } from '#libs/testing';
import { AdminClient } from '../../scripts/cli/admin-client.js';
import { deadAt, PATIENT, signedIn } from '../ends/life.js';
import { startWorld, type World } from '../world.js';
import { lanyardAt } from './operators-terminal.js';

/** The `lanyard` command as a process of its own, against running services: what it prints, and what its exit code says. */
let world: World;
beforeAll(async () => {
  world = await startWorld({ settings: PATIENT });
}, 360_000);
afterAll(() => world?.close());

const lanyard: ReturnType<typeof lanyardAt>['run'] = (...typed) => lanyardAt(world.stand.issuer).run(...typed);
const json = <T>(...args: string[]): Promise<T> => lanyardAt(world.stand.issuer).json<T>(...args);

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
  it('a token that was refused is fetched again once: long work outlives the key that its token hung from', async () => {
    const credentials = { issuer: world.stand.issuer, clientId: 'admin-cli', clientSecret: secretOf('admin-cli') };
    const admin = new AdminClient(credentials);
    const { items } = await admin.call<{ items: { kid: string; line: string }[] }>('token', 'GET', '/admin/keys', {
      query: { state: 'active' },
    });
    const signing = items.filter(({ line }) => line.startsWith('signing:'));
    const other = new AdminClient(credentials);
    for (const { kid } of signing) await other.call('token', 'POST', `/admin/keys/${kid}/revoke`);
    // The auth service asks for new keys once a second at most: who comes in between is told 401 once more.
    const users = () => admin.call<{ items: unknown[] }>('auth', 'GET', '/admin/users');
    expect((await until(users, { what: 'the auth service knows the new key' })).items.length).toBeGreaterThan(0);

    let asked = 0;
    const refusing = createServer((_, response) => {
      asked += 1;
      response.writeHead(401).end();
    });
    await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
    const metadata = await admin.discover();
    const { port } = refusing.address() as AddressInfo;
    Object.assign(metadata.lanyard_admin_endpoints, { session: `http://127.0.0.1:${port}` });
    await expect(admin.call('session', 'GET', '/admin/sessions')).rejects.toMatchObject({ exitCode: 3 });
    expect(asked).toBe(2);
    await new Promise((resolve) => refusing.close(resolve));
  });

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
