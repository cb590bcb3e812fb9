import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DataDirectory } from '../start/data-directory.js';
import { LauncherError } from '../start/launcher-error.js';
import type { Member } from './member.js';

const PLACES = [process.env.REDIS_SERVER_PATH, '/usr/bin/redis-server', '/usr/local/bin/redis-server', '/opt/homebrew/bin/redis-server'];
const START_MS = 20_000;
const STOP_MS = 5_000;

/** Waits for the server and passes on how it ended; its second half ends the server when our end of the pipe closes, even by kill -9. */
const GUARD = `
exec 3<&0
"$@" </dev/null 3<&- & server=$!
echo "$server"
exec >/dev/null
( read -r _ <&3; kill -KILL "$server" ) 2>/dev/null & watcher=$!
wait "$server"; code=$?
kill "$watcher" 2>/dev/null
exit $code`;

/** The cluster's Redis, as compose has it: nothing of it is kept on disk. */
export class RedisMember implements Member {
  readonly name = 'redis';
  /** 0: it does not run. */
  pid = 0;
  private guard: ChildProcess | undefined;
  private gone: Promise<void> = Promise.resolve();
  private ending = false;

  constructor(
    private readonly directory: DataDirectory,
    readonly port: number,
    private readonly onLost?: (how: string) => void,
  ) {}

  get running(): boolean {
    return this.guard !== undefined;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    if (this.running) return;
    const binary = PLACES.find((place) => place && existsSync(place));
    if (!binary)
      throw new LauncherError(
        'The cluster needs redis-server: install it (Debian: apt-get install redis-server) or name its path in REDIS_SERVER_PATH.',
      );
    this.ending = false;
    await this.run(binary);
    const deadline = performance.now() + START_MS;
    while (!(await answers(this.port, this.pid))) {
      if (!this.running || performance.now() > deadline) {
        await this.kill();
        throw new LauncherError(`Redis did not start: see ${this.logFile}.`);
      }
      await delay(20);
    }
  }

  async stop(): Promise<void> {
    this.ending = true;
    this.resume();
    this.signal('SIGTERM');
    const impatience = setTimeout(() => this.signal('SIGKILL'), STOP_MS);
    await this.gone;
    clearTimeout(impatience);
  }

  async kill(): Promise<void> {
    this.ending = true;
    this.signal('SIGKILL');
    await this.gone;
  }

  pause(): void {
    this.signal('SIGSTOP');
  }

  resume(): void {
    this.signal('SIGCONT');
  }

  private get logFile(): string {
    return this.directory.file('logs', 'redis.log');
  }

  private async run(binary: string): Promise<void> {
    const home = this.directory.file('redis');
    mkdirSync(home, { recursive: true, mode: 0o700 });
    mkdirSync(dirname(this.logFile), { recursive: true, mode: 0o700 });
    const flags = ['--bind', '127.0.0.1', '--port', `${this.port}`, '--dir', home, '--save', '', '--appendonly', 'no'];
    const limits = ['--maxmemory', '128mb', '--maxmemory-policy', 'noeviction', '--logfile', this.logFile];
    // A session of its own: Ctrl-C reaches us alone, and we stop the services before it.
    const guard = spawn('/bin/sh', ['-c', GUARD, 'redis-guard', binary, ...flags, ...limits], {
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
    });
    this.guard = guard;
    this.gone = new Promise((resolve) => {
      guard.once('exit', () => {
        if (this.guard === guard) [this.guard, this.pid] = [undefined, 0];
        resolve();
        if (!this.ending) this.onLost?.('has stopped');
      });
    });
    this.pid = await new Promise<number>((resolve, reject) => {
      guard.once('error', reject);
      guard.once('exit', () => reject(new LauncherError(`Redis did not start: see ${this.logFile}.`)));
      guard.stdout?.once('data', (line: Buffer) => resolve(Number(line.toString())));
    });
  }

  private signal(signal: NodeJS.Signals): void {
    if (this.pid <= 0) return;
    try {
      process.kill(this.pid, signal);
    } catch {
      // It has gone, and its guard is about to say so.
    }
  }
}

/** Asked in Redis' own inline form: no client is needed for it. Another server at the port answers with another process. */
function answers(port: number, pid: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    let said = '';
    socket.setTimeout(1_000, () => done(false));
    socket.once('error', () => done(false));
    socket.once('close', () => done(false));
    socket.once('connect', () => socket.write('INFO server\r\n'));
    socket.on('data', (chunk) => {
      said += chunk.toString();
      const [, id] = /\bprocess_id:(\d+)\r\n/.exec(said) ?? [];
      if (id !== undefined) done(Number(id) === pid);
    });
  });
}
