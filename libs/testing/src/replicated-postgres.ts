import { appendFileSync, chmodSync, chownSync, cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort, type PostgresServer, startPostgres } from '#libs/embedded-postgres';

const PASSWORD = 'only-for-tests-on-loopback';

/** Two real servers: a primary, and a hot standby that streams from it. */
export class ReplicatedPostgres {
  private constructor(
    private readonly home: string,
    private readonly primary: PostgresServer,
    private readonly standby: PostgresServer,
    private readonly standbyPort: number,
  ) {}

  static async start(): Promise<ReplicatedPostgres> {
    const home = mkdtempSync(join(tmpdir(), 'lanyard-replicated-'));
    // Root's servers run as somebody else, who has to get in.
    chmodSync(home, 0o755);
    const [port, standbyPort] = [await freePort(), await freePort()];
    const options = { password: PASSWORD, durable: false } as const;
    const primary = await startPostgres({ ...options, home: join(home, 'primary'), port });
    await copyOnline(primary.adminUrl, join(home, 'primary/data'), join(home, 'standby/data'), port);
    const standby = await startPostgres({ ...options, home: join(home, 'standby'), port: standbyPort });
    return new ReplicatedPostgres(home, primary, standby, standbyPort);
  }

  get adminUrl(): string {
    return this.primary.adminUrl;
  }

  /** The same database and role, on the standby. */
  onStandby(url: string): string {
    const there = new URL(url);
    there.port = String(this.standbyPort);
    return there.href;
  }

  /** Of the standby, as the superuser unless `url` says otherwise. */
  async askStandby<R extends pg.QueryResultRow>(sql: string, url = this.standby.adminUrl): Promise<R[]> {
    return (await once<R>(url, sql)).rows;
  }

  async stop(): Promise<void> {
    await this.standby.stop();
    await this.primary.stop();
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** PostgreSQL's low-level base backup: files copied between start and stop, and the label that stop answers. */
async function copyOnline(adminUrl: string, from: string, to: string, port: number): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query("SELECT pg_backup_start('standby', true)");
    cpSync(from, to, { recursive: true, filter: (path) => !path.endsWith('postmaster.pid') });
    const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
    writeFileSync(join(to, 'backup_label'), rows[0]?.labelfile ?? '');
    writeFileSync(join(to, 'standby.signal'), '');
    appendFileSync(join(to, 'postgresql.auto.conf'), `primary_conninfo = 'host=127.0.0.1 port=${port} user=lanyard_admin'\n`);
    giveLike(from, join(to, '..'));
  } finally {
    await client.end();
  }
}

/** Root copies as root; the server runs as whoever the original belongs to. */
function giveLike(original: string, copy: string): void {
  const { uid, gid } = statSync(original);
  if (uid === process.getuid?.()) return;
  chownSync(copy, uid, gid);
  for (const name of readdirSync(copy, { recursive: true, encoding: 'utf8' })) chownSync(join(copy, name), uid, gid);
}

async function once<R extends pg.QueryResultRow>(url: string, sql: string): Promise<pg.QueryResult<R>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query<R>(sql);
  } finally {
    await client.end();
  }
}
