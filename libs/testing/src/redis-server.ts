import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { until } from './until.js';

const PLACES = [process.env.REDIS_SERVER_PATH, '/usr/bin/redis-server', '/usr/local/bin/redis-server', '/opt/homebrew/bin/redis-server'];

/**
 * Holds the server's life to ours: when this process is gone, even by kill -9, its end of the pipe closes. It waits for the end: a killed server that got no
 * CPU yet still has its port and its clients, and the next one can't begin.
 */
const GUARD = '"$@" >"$LOG" 2>&1 & echo $!; read -r _; kill -9 $!; wait $!';

/** A real redis-server of the caller's own: loopback, a free port, a data directory that goes with it. Close it in afterAll. */
export class RedisServer {
  private guard: ChildProcess | undefined;
  private pid = 0;
  private connection: Redis | undefined;

  private constructor(
    readonly port: number,
    readonly directory: string,
    private readonly flags: readonly string[],
  ) {}

  static async start(flags: readonly string[] = []): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), mkdtempSync(join(tmpdir(), 'lanyard-test-redis-')), flags);
    await server.run();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** A connection of the test's, to look and to break: it queues, and comes back. */
  get admin(): Redis {
    if (!this.connection) {
      this.connection = new Redis(this.url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
      this.connection.on('error', () => undefined);
    }
    return this.connection;
  }

  /** Also after `kill`: on the same port, with what lies in the directory. */
  async run(): Promise<void> {
    const binary = PLACES.find((place) => place && existsSync(place));
    if (!binary)
      throw new Error('the Redis tests need redis-server: install it (Debian: apt-get install redis-server) or set REDIS_SERVER_PATH');
    const fixed = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--dir', this.directory, '--save', '', '--appendonly', 'no'];
    const guard = spawn('/bin/sh', ['-c', GUARD, 'guard', binary, ...fixed, ...this.flags], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, LOG: join(this.directory, 'log') },
    });
    this.guard = guard;
    this.pid = await new Promise<number>((resolve, reject) => {
      guard.once('error', reject);
      guard.stdout?.once('data', (line: Buffer) => resolve(Number(line.toString())));
    });
    await until(async () => (await this.admin.ping()) === 'PONG', { what: 'redis-server answers' });
  }

  /** kill -9. */
  async kill(): Promise<void> {
    const { guard } = this;
    this.guard = undefined;
    if (!guard) return;
    const gone = new Promise<void>((resolve) => guard.once('exit', () => resolve()));
    guard.stdin?.end('\n');
    await gone;
  }

  pause(): void {
    process.kill(this.pid, 'SIGSTOP');
  }

  resume(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  async close(): Promise<void> {
    this.connection?.disconnect();
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
