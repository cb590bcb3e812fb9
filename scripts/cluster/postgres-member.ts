import { readFileSync } from 'node:fs';
import { provision, type Role } from '#libs/database';
import { type PostgresServer, startPostgres } from '#libs/embedded-postgres';
import type { DataDirectory } from '../start/data-directory.js';
import { postgresHome } from '../start/installation.js';
import type { Secrets } from '../start/secrets.js';
import type { Member } from './member.js';

const DATABASE = 'lanyard';

/** The cluster's Postgres, durable: what it has committed survives kill -9 of all its processes. */
export class PostgresMember implements Member {
  readonly name = 'postgres';
  readonly home: string;
  private server: PostgresServer | undefined;
  private stopped: readonly number[] = [];
  private ending = false;

  constructor(
    directory: DataDirectory,
    private readonly secrets: Secrets,
    readonly port: number,
    private readonly onLost?: (how: string) => void,
    private readonly maxConnections?: number,
  ) {
    this.home = postgresHome(directory);
  }

  get running(): boolean {
    return this.server !== undefined;
  }

  get pid(): number {
    return this.server?.pid ?? 0;
  }

  async start(): Promise<void> {
    if (this.server) return;
    const limit = this.maxConnections === undefined ? {} : { maxConnections: this.maxConnections };
    const server = await startPostgres({ home: this.home, port: this.port, password: this.secrets.adminPassword, durable: true, ...limit });
    this.server = server;
    this.ending = false;
    void server.exited.then(() => {
      if (this.server === server) this.server = undefined;
      if (!this.ending) this.onLost?.('has stopped');
    });
    await provision({ adminUrl: server.adminUrl, database: DATABASE, passwords: this.secrets.passwords });
  }

  /** As `fast` as a fail-over: connections are cut, what is committed is on disk. */
  async stop(): Promise<void> {
    this.ending = true;
    this.resume();
    await this.server?.stop();
  }

  async kill(): Promise<void> {
    const server = this.server;
    if (!server) return;
    this.ending = true;
    for (const pid of this.processes()) signal(pid, 'SIGKILL');
    await server.exited;
  }

  /** All its processes: the postmaster alone would stop new connections only. */
  pause(): void {
    this.stopped = this.processes();
    for (const pid of this.stopped) signal(pid, 'SIGSTOP');
  }

  resume(): void {
    for (const pid of this.stopped) signal(pid, 'SIGCONT');
    this.stopped = [];
  }

  /** `port`: of a proxy in front of it. */
  url(role: Role | 'admin', port = this.port): string {
    const url = new URL(`postgres://127.0.0.1:${port}/${DATABASE}`);
    url.username = role === 'admin' ? 'lanyard_admin' : role;
    url.password = role === 'admin' ? this.secrets.adminPassword : this.secrets.passwords[role];
    return url.href;
  }

  private processes(): number[] {
    const postmaster = this.server?.pid;
    if (!postmaster) return [];
    try {
      const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8').trim().split(' ').filter(Boolean);
      return [postmaster, ...children.map(Number)];
    } catch {
      return [postmaster];
    }
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has gone meanwhile.
  }
}
