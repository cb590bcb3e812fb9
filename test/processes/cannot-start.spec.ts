import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceName } from '#libs/contracts';
import { type SpawnedServices, spawnServices, until } from '#libs/testing';

let services: SpawnedServices;
beforeAll(async () => {
  services = await spawnServices({ services: [] });
});
afterAll(() => services.stop());

const ready = async (service: ServiceName = 'introspect'): Promise<{ status: number; text: string }> => {
  const answer = await fetch(`${services.world.internalUrl(service)}/health/ready`, { signal: AbortSignal.timeout(2_000) });
  return { status: answer.status, text: await answer.text() };
};
const saysWhy = (why: RegExp, service?: ServiceName) =>
  until(async () => why.test((await ready(service).catch(() => ({ text: '' }))).text), {
    timeoutMs: 30_000,
    what: `readiness says ${why}`,
  });
const withDatabase = (change: (url: URL) => void): NodeJS.ProcessEnv => {
  const url = new URL(services.world.database.url('lanyard_introspect'));
  change(url);
  return { DATABASE_URL: url.href };
};
const refused = { name: 'start', ok: false };

describe('a service whose database is not there', () => {
  let door: Server | null = null;
  afterEach(async () => {
    await services.signal('introspect', 'SIGTERM').catch(() => undefined);
    door?.close();
    door = null;
  });

  it('is alive, not ready and says why, serves nothing, and starts by itself when the database comes', async () => {
    const port = await freePort();
    const target = new URL(services.world.database.url('lanyard_introspect'));
    services.start(
      'introspect',
      withDatabase((url) => void Object.assign(url, { host: `127.0.0.1:${port}` })),
    );
    await saysWhy(/ECONNREFUSED/);
    expect((await fetch(`${services.world.internalUrl('introspect')}/health/live`)).status).toBe(200);
    expect((await ready()).status).toBe(503);
    expect(JSON.parse((await ready()).text)).toMatchObject({ status: 'not ready', reasons: [refused] });
    const asked = await fetch(`${services.world.url('introspect')}/introspect`, {
      method: 'POST',
      body: new URLSearchParams({ token: 't' }),
    });
    expect([asked.status, asked.headers.get('retry-after'), await asked.json()]).toEqual([
      503,
      '1',
      { error: 'temporarily_unavailable', error_description: 'the service is starting' },
    ]);
    door = createServer((socket) => {
      const through = connect(Number(target.port), target.hostname);
      socket.pipe(through).pipe(socket);
      for (const side of [socket, through]) side.on('error', () => side.destroy());
      for (const side of [socket, through]) side.on('close', () => [socket, through].forEach((each) => void each.destroy()));
    }).listen(port, '127.0.0.1');
    // Without an owner running its view is never fresh: what answers now is the service itself.
    await saysWhy(/"name":"view"/);
    const answered = await fetch(`${services.world.url('introspect')}/introspect`, { method: 'POST' });
    expect(answered.status).not.toBe(503);
  });

  it.each([
    ['a database of that name', (url: URL) => void Object.assign(url, { pathname: '/nowhere' }), /database \\"nowhere\\" does not exist/],
    ['a role of that name', (url: URL) => void Object.assign(url, { username: 'nobody' }), /nobody/],
  ])('names %s that does not exist, and leaves at once when it is told to', async (_what, change, why) => {
    services.start('introspect', withDatabase(change));
    await saysWhy(why);
    await services.signal('introspect', 'SIGTERM');
    expect(await services.exited('introspect')).toBe(0);
    expect(services.log('introspect')).toMatch(/"msg":"the service can not start yet"/);
  });
});

describe('a service whose key is in a file that is not there yet', () => {
  it('is alive, not ready and names the file, serves nothing, and starts by itself when the file comes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lanyard-kek-'));
    const file = join(folder, 'kek');
    try {
      services.start('token', { LANYARD_KEK: '', LANYARD_KEK_FILE: file });
      await saysWhy(/LANYARD_KEK_FILE: .*ENOENT/, 'token');
      expect((await ready('token')).status).toBe(503);
      const asked = await fetch(`${services.world.url('token')}/jwks`);
      expect([asked.status, asked.headers.get('retry-after')]).toEqual([503, '1']);
      expect(services.log('token')).toMatch(/LANYARD_KEK_FILE.*the service can not start yet/);
      writeFileSync(file, '');
      await saysWhy(/LANYARD_KEK_FILE: .* is empty/, 'token');
      writeFileSync(file, `${services.world.environment('token').LANYARD_KEK}\n`);
      await until(async () => (await fetch(`${services.world.url('token')}/jwks`).catch(() => null))?.status === 200, {
        timeoutMs: 60_000,
        what: 'the keys are served',
      });
    } finally {
      await services.signal('token', 'SIGTERM');
      await services.exited('token');
      rmSync(folder, { recursive: true });
    }
  }, 360_000);
});

describe('a service whose settings are wrong', () => {
  it('ends with 78 and a sentence that names the key it lacks', async () => {
    services.start('token', { LANYARD_KEK: '' });
    expect(await services.exited('token')).toBe(78);
    expect(services.log('token')).toMatch(/LANYARD_KEK/);
  });

  it('ends with 1 and names the port that another program has', async () => {
    const taken = createServer().listen(Number(new URL(services.world.internalUrl('introspect')).port), '127.0.0.1');
    await once(taken, 'listening');
    services.start('introspect');
    expect(await services.exited('introspect')).toBe(1);
    expect(services.log('introspect')).toMatch(/port \d+ on \S+ is taken by another program/);
    taken.close();
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
