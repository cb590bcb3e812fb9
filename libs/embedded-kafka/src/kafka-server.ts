import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { answers } from './answers.js';
import { kafkaJars } from './jars.js';
import { type KafkaOptions, LOGGING, serverProperties } from './properties.js';

const JVM = ['-Xmx256m', '-Xms64m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Djava.awt.headless=true'];
const START_MS = 120_000;

/**
 * Starts the broker and waits until it answers. It runs in a session of its own, so Ctrl-C reaches us alone, and under a guard that ends it
 * when our end of a pipe closes, so not even kill -9 orphans it.
 */
export async function startKafka(options: KafkaOptions): Promise<KafkaServer> {
  const jars = await kafkaJars();
  const data = join(options.home, 'data');
  mkdirSync(options.home, { recursive: true });
  writeFileSync(settingsOf(options), serverProperties(options, data));
  writeFileSync(loggingOf(options), LOGGING);
  if (!existsSync(join(data, 'meta.properties'))) await format(jars, options);
  const server = new KafkaServer(options, jars);
  await server.start();
  return server;
}

/** One broker with its data, which may be stopped and started again, on the same port, as often as a test likes. */
export class KafkaServer {
  private guard: ChildProcess | undefined;
  private gone: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: KafkaOptions,
    private readonly jars: string,
  ) {}

  /** `host:port`, as clients are told. */
  get address(): string {
    return `127.0.0.1:${this.options.port}`;
  }

  /** Of the secured listener. */
  get securedAddress(): string {
    if (!this.options.secured) throw new Error('this Kafka has no secured listener');
    return `127.0.0.1:${this.options.secured.port}`;
  }

  get pid(): number {
    return Number(readFileSync(pidOf(this.options), 'utf8'));
  }

  get running(): boolean {
    return this.guard !== undefined;
  }

  /** Of this run; resolved when it runs not. */
  get exited(): Promise<void> {
    return this.gone;
  }

  /** Resolves when it answers a client. */
  async start(): Promise<void> {
    if (this.guard) throw new Error('this Kafka runs already');
    rmSync(pidOf(this.options), { force: true });
    const guard = spawnGuarded(this.jars, this.options);
    this.guard = guard;
    this.gone = new Promise((resolve) => {
      guard.once('exit', () => {
        if (this.guard === guard) this.guard = undefined;
        resolve();
      });
    });
    const until = performance.now() + (this.options.startWithinMs ?? START_MS);
    while (!(await answers(this.options.port))) {
      if (!this.running) throw new Error(`Kafka did not start: ${lastLines(logOf(this.options))}`);
      if (performance.now() > until) {
        await this.kill();
        throw new Error(`Kafka did not answer in time: ${lastLines(logOf(this.options))}`);
      }
      await delay(50);
    }
  }

  /** In order: what is in memory is on disk, and clients are told. */
  async stop(): Promise<void> {
    this.signal('SIGCONT');
    this.signal('SIGTERM');
    await this.gone;
  }

  /** kill -9. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.gone;
  }

  /** It keeps its connections and answers nothing. */
  pause(): void {
    this.signal('SIGSTOP');
  }

  resume(): void {
    this.signal('SIGCONT');
  }

  private signal(signal: NodeJS.Signals): void {
    if (this.running && existsSync(pidOf(this.options))) process.kill(this.pid, signal);
  }
}

async function format(jars: string, options: KafkaOptions): Promise<void> {
  const { secured } = options;
  // SCRAM's credentials are in the cluster's own records, so they have to be there before it is.
  const scram = secured ? ['--add-scram', `SCRAM-SHA-256=[name=${secured.username},password=${secured.password}]`] : [];
  const args = ['format', '-t', clusterId(), '-c', settingsOf(options), ...scram];
  const command = [...JVM, ...java(jars, options), 'kafka.tools.StorageTool', ...args];
  await promisify(execFile)('java', command, { timeout: START_MS }).catch((failure: Error & { stderr?: string }) => {
    throw new Error(`Kafka's storage could not be formatted: ${lastOf(failure.stderr || failure.message)}`);
  });
}

/** As Kafka's own: never one that begins with a dash, which the tool would take for an option. */
export function clusterId(random = randomBytes(16)): string {
  const bytes = Buffer.from(random);
  bytes.writeUInt8(bytes.readUInt8(0) & 0x7f, 0);
  return bytes.toString('base64url');
}

/** The shell waits for the broker; its second half waits for the pipe to close, asks it to stop (also a stopped one) and then insists. */
const GUARD = `
exec 3<&0
pidfile=$1; shift
"$@" </dev/null 3<&- & server=$!
echo "$server" > "$pidfile"
( read -r _ <&3; kill -CONT "$server"; kill -TERM "$server"
  n=0; while kill -0 "$server" 2>/dev/null && [ $n -lt 50 ]; do sleep 0.2; n=$((n+1)); done
  kill -KILL "$server" ) 2>/dev/null & watcher=$!
wait "$server"; code=$?
kill "$watcher" 2>/dev/null
exit $code`;

function spawnGuarded(jars: string, options: KafkaOptions): ChildProcess {
  const log = openSync(logOf(options), 'a', 0o600);
  try {
    const command = ['java', ...JVM, ...java(jars, options), 'kafka.Kafka', settingsOf(options)];
    return spawn('/bin/sh', ['-c', GUARD, 'kafka-guard', pidOf(options), ...command], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', log, log],
    });
  } finally {
    closeSync(log);
  }
}

function java(jars: string, options: KafkaOptions): string[] {
  return [`-Dlog4j2.configurationFile=${loggingOf(options)}`, '-cp', join(jars, '*')];
}

const settingsOf = ({ home }: KafkaOptions) => join(home, 'server.properties');
const loggingOf = ({ home }: KafkaOptions) => join(home, 'log4j2.properties');
const pidOf = ({ home }: KafkaOptions) => join(home, 'kafka.pid');
const logOf = ({ home }: KafkaOptions) => join(home, 'server.log');

function lastLines(file: string): string {
  return lastOf(readFileSync(file, 'utf8'));
}

function lastOf(text: string): string {
  return text.trim().split('\n').slice(-3).join(' | ') || 'it said nothing';
}
