import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '#libs/embedded-postgres';
import { until } from './until.js';

const BINARY = process.env.APACHE_PATH ?? '/usr/sbin/apache2';
const DIRECTORY = process.env.APACHE_MODULES ?? '/usr/lib/apache2/modules';
const MODULES = ['mpm_event', 'authn_core', 'authz_core', 'authz_host', 'authz_user', 'headers', 'proxy', 'proxy_http', 'auth_openidc'];
/** Holds the server's life to ours: when this process is gone, even by kill -9, its end of the pipe closes. */
const GUARD = '"$@" 2>"$SAID" & read -r _; kill -TERM $!; wait $!';

/** A real Apache with mod_auth_openidc, of the caller's own: loopback, a free port, one process (-X), files in a directory that goes with it. */
export class ApacheServer {
  private constructor(
    readonly origin: string,
    private readonly directory: string,
    private readonly guard: ChildProcess,
  ) {}

  /** `configuration`: what is beside the port, the modules and where files are. Close it in afterAll. */
  static async start(configuration: string): Promise<ApacheServer> {
    if (!existsSync(BINARY) || !existsSync(join(DIRECTORY, 'mod_auth_openidc.so'))) {
      throw new Error(
        'the tests with Apache need it and mod_auth_openidc: Debian: apt-get install apache2-bin libapache2-mod-auth-openidc',
      );
    }
    const directory = mkdtempSync(join(tmpdir(), 'lanyard-test-apache-'));
    const port = await freePort();
    const file = join(directory, 'apache.conf');
    writeFileSync(file, `${frame(directory, port)}\n${configuration}`);
    const command = [BINARY, '-X', '-d', directory, '-f', file];
    const guard = spawn('/bin/sh', ['-c', GUARD, 'guard', ...command], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { ...process.env, SAID: join(directory, 'stderr') },
    });
    const apache = new ApacheServer(`http://127.0.0.1:${port}`, directory, guard);
    try {
      await until(() => accepts(port), { timeoutMs: 20_000, what: 'Apache accepts connections' });
      return apache;
    } catch (error) {
      const said = apache.log;
      await apache.close();
      throw new Error(`Apache did not start: ${said}`, { cause: error });
    }
  }

  get log(): string {
    const files = ['stderr', 'error.log'].map((name) => join(this.directory, name));
    return files.map((file) => (existsSync(file) ? readFileSync(file, 'utf8') : '')).join('');
  }

  async close(): Promise<void> {
    const gone = new Promise<void>((resolve) => this.guard.once('exit', () => resolve()));
    this.guard.stdin?.end('\n');
    await gone;
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function frame(directory: string, port: number): string {
  const modules = MODULES.map((name) => `LoadModule ${name}_module ${join(DIRECTORY, `mod_${name}.so`)}`);
  // Apache answers nobody as root.
  const user = process.getuid?.() === 0 ? ['User www-data', 'Group www-data'] : [];
  return [
    `Listen 127.0.0.1:${port}`,
    'ServerName localhost',
    ...[`PidFile ${join(directory, 'pid')}`, `DefaultRuntimeDir ${directory}`, `ErrorLog ${join(directory, 'error.log')}`],
    ...[...user, ...modules],
  ].join('\n');
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => resolve(socket.destroy().destroyed));
    socket.once('error', () => resolve(false));
  });
}
