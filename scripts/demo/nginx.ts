import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '#libs/embedded-postgres';

const PLACES = [process.env.NGINX_PATH, '/usr/sbin/nginx', '/usr/local/sbin/nginx', '/opt/homebrew/bin/nginx'];
/** Holds nginx to our life: when this process is gone, whatever way, its end of the pipe closes. */
const GUARD = '"$@" & read -r _; kill -9 $!; wait $!';
const START_MS = 10_000;

export function nginxBinary(): string | undefined {
  return PLACES.find((place) => place && existsSync(place));
}

/** One process of nginx on loopback, with files in a directory that goes with it. */
export class Nginx {
  private constructor(
    readonly url: string,
    private readonly directory: string,
    private readonly guard: ChildProcess,
  ) {}

  /** `server`: what is in the server block, but for `listen`. */
  static async start(binary: string, server: string): Promise<Nginx> {
    const directory = mkdtempSync(join(tmpdir(), 'lanyard-demo-nginx-'));
    mkdirSync(join(directory, 'logs'));
    const port = await freePort();
    const [file, log] = [join(directory, 'nginx.conf'), join(directory, 'logs/error.log')];
    writeFileSync(file, configuration(directory, port, server));
    const command = [binary, '-p', directory, '-c', file, '-e', log];
    const guard = spawn('/bin/sh', ['-c', GUARD, 'guard', ...command], { stdio: ['pipe', 'ignore', 'ignore'] });
    const nginx = new Nginx(`http://127.0.0.1:${port}`, directory, guard);
    const deadline = performance.now() + START_MS;
    while (!(await accepts(port))) {
      if (performance.now() > deadline) {
        const said = existsSync(log) ? readFileSync(log, 'utf8') : '';
        nginx.stop();
        throw new Error(`nginx did not start: ${said}`);
      }
      await delay(10);
    }
    return nginx;
  }

  stop(): void {
    this.guard.stdin?.end('\n');
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
    const socket = connect({ host: '127.0.0.1', port }, () => resolve(socket.destroy().destroyed));
    socket.once('error', () => resolve(false));
  });
}
