import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.js';

const PLACES = [process.env.NGINX_PATH, '/usr/sbin/nginx', '/usr/local/sbin/nginx', '/opt/homebrew/bin/nginx'];

/** Holds the server's life to ours: when this process is gone, even by kill -9, its end of the pipe closes. */
const GUARD = '"$@" & read -r _; kill -9 $!; wait $!';

/** A real nginx of the caller's own: loopback, a free port, one process, files in a directory that goes with it. Close it in afterAll. */
export class NginxServer {
  private constructor(
    readonly origin: string,
    private readonly directory: string,
    private readonly guard: ChildProcess,
  ) {}

  /** `server`: what is in the server block, but for `listen`. */
  static async start(server: string): Promise<NginxServer> {
    const binary = PLACES.find((place) => place && existsSync(place));
    if (!binary) throw new Error('the gateway tests need nginx: install it (Debian: apt-get install nginx-light) or set NGINX_PATH');
    const directory = mkdtempSync(join(tmpdir(), 'lanyard-test-nginx-'));
    mkdirSync(join(directory, 'logs'));
    const port = await freePort();
    writeFileSync(join(directory, 'nginx.conf'), configuration(directory, port, server));
    const log = join(directory, 'logs/error.log');
    const command = [binary, '-p', directory, '-c', join(directory, 'nginx.conf'), '-e', log];
    const guard = spawn('/bin/sh', ['-c', GUARD, 'guard', ...command], { stdio: ['pipe', 'ignore', 'ignore'] });
    const nginx = new NginxServer(`http://127.0.0.1:${port}`, directory, guard);
    try {
      await until(() => accepts(port), { timeoutMs: 20_000, what: 'nginx accepts connections' });
      return nginx;
    } catch (error) {
      const said = nginx.log;
      await nginx.close();
      throw new Error(`nginx did not start: ${said}`, { cause: error });
    }
  }

  get log(): string {
    const file = join(this.directory, 'logs/error.log');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  async close(): Promise<void> {
    const gone = new Promise<void>((resolve) => this.guard.once('exit', () => resolve()));
    this.guard.stdin?.end('\n');
    await gone;
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function configuration(directory: string, port: number, server: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${join(directory, name)};`);
  return `daemon off;
master_process off;
pid ${join(directory, 'pid')};
events {}
http {
  access_log off;
  ${temporary.join('\n  ')}
  server {
    listen 127.0.0.1:${port};
    ${server}
  }
}
`;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket: Socket = connect({ host: '127.0.0.1', port }, () => resolve(socket.destroy().destroyed));
    socket.once('error', () => resolve(false));
  });
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
