import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { until } from '#libs/testing';
import { freePort, type PostgresServer, startPostgres } from '../src/index.js';

describe('embedded postgres', () => {
  let home: string;
  let server: PostgresServer | undefined;
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'lanyard-embedded-'));
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  const start = async (password = 'p@ss/word') => {
    server = await startPostgres({ home, port: await freePort(), password, durable: true });
    return server;
  };
  const query = async (url: string, sql: string) => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  };
  const gone = (pid: number) => !existsSync(`/proc/${pid}`);

  it('makes a cluster that asks for its password, keeps what is committed over a stop and listens on loopback alone', async () => {
    const first = await start();
    await query(first.adminUrl, 'CREATE TABLE kept AS SELECT 42 AS n');
    await expect(query(first.adminUrl.replace('p%40ss', 'wrong'), 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    const { pid } = first;
    await first.stop();
    expect(gone(pid)).toBe(true);
    const second = await start();
    expect(await query(second.adminUrl, 'SELECT n FROM kept')).toEqual([{ n: 42 }]);
    expect(await query(second.adminUrl, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    expect(await query(second.adminUrl, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
  });

  it('stops a server that an earlier run left behind, then starts its own on the same data', async () => {
    const left = server as PostgresServer;
    const { pid } = left;
    const own = await start();
    expect([await left.exited, gone(pid)]).toEqual([0, true]);
    expect(await query(own.adminUrl, 'SELECT n FROM kept')).toEqual([{ n: 42 }]);
  });

  it('is not taken for ready because the lock file of a killed server says so: the first query is answered', async () => {
    const killed = server as PostgresServer;
    await query(killed.adminUrl, 'CREATE TABLE much AS SELECT generate_series(1, 300000) AS n');
    process.kill(killed.pid, 'SIGKILL');
    await killed.exited;
    expect(readFileSync(join(home, 'data/postmaster.pid'), 'utf8')).toMatch(/^ready *$/m);
    expect(await query((await start()).adminUrl, 'SELECT count(*)::int AS n FROM much')).toEqual([{ n: 300_000 }]);
  });

  it('recovers from kill -9 of the server, and from a lock file whose pid is somebody else’s now', async () => {
    const killed = server as PostgresServer;
    process.kill(killed.pid, 'SIGKILL');
    expect(await killed.exited).not.toBe(0);
    const lock = join(home, 'data/postmaster.pid');
    writeFileSync(lock, readFileSync(lock, 'utf8').replace(/^\d+/, String(process.pid)));
    const again = await start();
    expect(await query(again.adminUrl, 'SELECT n FROM kept')).toEqual([{ n: 42 }]);
  });

  it('says in PostgreSQL’s own words why it did not start', async () => {
    const own = server as PostgresServer;
    const other = mkdtempSync(join(tmpdir(), 'lanyard-embedded-'));
    const port = Number(new URL(own.adminUrl).port);
    const second = startPostgres({ home: other, port, password: 'p', durable: false });
    await expect(second).rejects.toThrow(/could not bind|could not create any TCP/);
    rmSync(other, { recursive: true, force: true });
  });

  it('is not left behind when the process that started it goes away', async () => {
    const own = server as PostgresServer;
    const { pid } = own;
    // What kill -9 of that process does to the pipe, without killing this one.
    (own as unknown as { guard: { stdin: { destroy(): void } } }).guard.stdin.destroy();
    await until(() => gone(pid), { what: 'the server is gone' });
    expect(await own.exited).toBe(0);
  });
});
