import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { binaries } from './binaries.js';
import { clearOrphan } from './orphan.js';
import { type RunAs, unprivilegedUser } from './unprivileged-user.js';

export interface PostgresOptions {
  /** Holds `data`, `server.log` and, where needed, a copy of the binaries. Made if missing. */
  home: string;
  port: number;
  password: string;
  /** false (tests): no fsync, no password asked on loopback. */
  durable: boolean;
  /** 200 unless stated. */
  maxConnections?: number;
}

const SUPERUSER = 'lanyard_admin';
const ENVIRONMENT = { PATH: process.env.PATH, LANG: 'C', LC_ALL: 'C', TZ: 'UTC' };

/**
 * Starts the server and waits until it says that it is ready. It runs in a session of its own, so Ctrl-C reaches us alone and we
 * decide the order of stopping; and under a guard that stops it when our end of a pipe closes, so not even kill -9 orphans it.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const user = unprivilegedUser();
  mkdirSync(options.home, { recursive: true });
  give(options.home, user);
  const { initdb, postgres } = binaries(options.home, user);
  const data = join(options.home, 'data');
  await clearOrphan(data);
  if (!existsSync(join(data, 'PG_VERSION'))) createCluster(initdb, data, options, user);
  const left = lockOf(data);
  const server = new PostgresServer(spawnGuarded(postgres, data, options, user), options, data, left);
  await server.ready();
  return server;
}

export class PostgresServer {
  /** Resolves with the exit code when the server has gone, for whatever reason. */
  readonly exited: Promise<number | null>;
  private gone = false;

  constructor(
    private readonly guard: ChildProcess,
    private readonly options: PostgresOptions,
    private readonly data: string,
    /** The lock file of a server that was killed: it says "ready" until ours has written its own. */
    private readonly left: string,
  ) {
    this.exited = new Promise((resolve) => {
      guard.once('exit', (code) => {
        this.gone = true;
        resolve(code);
      });
    });
  }

  /** The superuser's URL, to provision with. */
  get adminUrl(): string {
    return `postgres://${SUPERUSER}:${encodeURIComponent(this.options.password)}@127.0.0.1:${this.options.port}/postgres`;
  }

  /** The postmaster's process id. */
  get pid(): number {
    return Number(this.lockFile()[0]);
  }

  async ready(): Promise<void> {
    // Line 8 of postmaster.pid is PostgreSQL's own word for it; padded with blanks.
    while (lockOf(this.data) === this.left || this.lockFile()[7]?.trim() !== 'ready') {
      if (this.gone) throw new Error(`PostgreSQL did not start: ${lastLines(logOf(this.options.home))}`);
      await delay(20);
    }
  }

  /** A fast shutdown: open transactions are rolled back, everything committed is on disk. */
  async stop(): Promise<void> {
    this.guard.stdin?.end();
    await this.exited;
  }

  private lockFile(): string[] {
    return lockOf(this.data).split('\n');
  }
}

function lockOf(data: string): string {
  try {
    return readFileSync(join(data, 'postmaster.pid'), 'utf8');
  } catch {
    return '';
  }
}

function createCluster(initdb: string, data: string, options: PostgresOptions, user: RunAs): void {
  // Made under another name and renamed when complete: a start cut short leaves nothing that looks like a database.
  const unfinished = `${data}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  rmSync(data, { recursive: true, force: true });
  const passwordFile = join(options.home, 'initial-password');
  writeFileSync(passwordFile, options.password, { mode: 0o600 });
  give(passwordFile, user);
  const auth = options.durable ? 'scram-sha-256' : 'trust';
  const flags = ['--encoding=UTF8', '--locale=C.UTF-8', `--username=${SUPERUSER}`, `--auth=${auth}`, `--pwfile=${passwordFile}`];
  if (!options.durable) flags.push('--no-sync');
  try {
    const made = spawnSync(initdb, [...flags, '-D', unfinished], { ...user, cwd: '/', env: ENVIRONMENT, encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`initdb failed: ${made.error?.message ?? lastOf(made.stderr)}`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(unfinished, data);
}

/** The shell waits for the server; its helper waits for the pipe to close and then asks the server to stop. */
const GUARD = `
exec 3<&0
"$@" </dev/null 3<&- & server=$!
( read -r _ <&3; kill -INT "$server" ) & watcher=$!
wait "$server"; code=$?
kill "$watcher" 2>/dev/null
exit $code`;

function spawnGuarded(postgres: string, data: string, options: PostgresOptions, user: RunAs): ChildProcess {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    shared_buffers: options.durable ? '128MB' : '64MB',
    max_connections: String(options.maxConnections ?? 200),
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(options.durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = openSync(logOf(options.home), 'a', 0o600);
  try {
    const command = [postgres, '-D', data, '-p', String(options.port), ...flags];
    const stdio = ['pipe', log, log] as const;
    return spawn('/bin/sh', ['-c', GUARD, 'postgres-guard', ...command], {
      ...user,
      cwd: '/',
      env: ENVIRONMENT,
      detached: true,
      stdio: [...stdio],
    });
  } finally {
    closeSync(log);
  }
}

function give(path: string, user: RunAs): void {
  if (user.uid !== undefined && statSync(path).uid !== user.uid) chownSync(path, user.uid, user.gid);
}

function logOf(home: string): string {
  return join(home, 'server.log');
}

function lastLines(file: string): string {
  return lastOf(readFileSync(file, 'utf8'));
}

function lastOf(text: string): string {
  return text.trim().split('\n').slice(-3).join(' | ') || 'it said nothing';
}
