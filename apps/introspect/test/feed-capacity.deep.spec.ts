import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { randomId } from '#libs/database';
import { packed } from '#libs/revocation';
import { until } from '#libs/testing';
import type { RunningIntrospectApp } from '../src/app.js';
import { Running, SECRET } from './running.js';

const authorization = `Basic ${Buffer.from(`photos-api:${SECRET}`).toString('base64')}`;
const MINUTES = 600_000;

/** Resource servers in a process of their own. */
class Crowd {
  private readonly child: ChildProcess;
  private readonly lines: Interface;

  constructor(url: string) {
    this.child = spawn(process.execPath, [join(__dirname, 'many-listeners.mjs'), url, authorization], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (!this.child.stdout) throw new Error('no stdout');
    this.lines = createInterface({ input: this.child.stdout });
  }

  // biome-ignore lint/suspicious/noExplicitAny: figures for people
  ask(question: object): Promise<any> {
    const answer = new Promise((resolve) => this.lines.once('line', (line) => resolve(JSON.parse(line))));
    this.child.stdin?.write(`${JSON.stringify(question)}\n`);
    return answer;
  }

  async leave(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.stdin?.end();
    await gone;
  }
}

let running: Running;
let app: RunningIntrospectApp;
const said: string[] = [];
beforeAll(async () => {
  running = await Running.start();
  app = await running.instance({ feed: { maxListeners: 20_000 } });
}, MINUTES);
afterAll(async () => {
  process.stdout.write(`${said.join('\n')}\n`);
  await app?.close();
  await running?.close();
});

const ms = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1_000;

/** CPU of this process, which holds two instances and the owners beside the one that is measured; what it costs without listeners is taken off. */
async function load(forMs: number): Promise<number> {
  const [from, cpu] = [performance.now(), process.cpuUsage()];
  await until(() => performance.now() - from >= forMs, { timeoutMs: 2 * forMs + 10_000, everyMs: 50 });
  return ms(process.cpuUsage(cpu)) / (performance.now() - from);
}

it.each([200, 1_000, 4_000])(
  '%d listeners: what they cost while nothing ends, while sessions end, and with probes',
  async (count) => {
    const idle = await load(3_000);
    const [rss, crowd] = [process.memoryUsage().rss, new Crowd(app.publicUrl)];
    const joined = performance.now();
    expect(await crowd.ask({ listen: count })).toEqual({ statuses: { 200: count } });
    const joining = performance.now() - joined;
    await crowd.ask({ report: true });
    const [from, quiet] = [performance.now(), (await load(5_000)) - idle];
    const { proofs, bytes } = await crowd.ask({ report: true });
    const seconds = (performance.now() - from) / 1_000;
    said.push(
      `${count} listeners (joined in ${Math.round(joining)} ms): ${(100 * quiet).toFixed(1)} % of a core, ${(proofs / seconds / count).toFixed(1)} proofs a second each, ` +
        `${Math.round(bytes / seconds / count)} B/s each, ${Math.round((process.memoryUsage().rss - rss) / count / 1_024)} KiB each`,
    );
    const took: number[] = [];
    for (let n = 0; n < 30; n++) {
      const id = randomId();
      await crowd.ask({ watch: [Buffer.from(packed([id])).toString('base64')] });
      await running.owners.revoke('session', { kind: 'session', id });
      const committed = performance.timeOrigin + performance.now();
      const seen = await until(
        async () => {
          const { seen } = await crowd.ask({ report: true });
          return seen[0].length >= count ? (seen[0] as number[]) : null;
        },
        { timeoutMs: 30_000, everyMs: 20 },
      );
      took.push(Math.max(...seen) - committed);
    }
    took.sort((a, b) => a - b);
    said.push(`  commit → the last of them has read it: p50 ${took[15]?.toFixed(0)} ms, most of 30 ${took[29]?.toFixed(0)} ms`);
    const cpu = process.cpuUsage();
    await crowd.ask({ probes: 2 * count });
    const probing = (await load(5_000)) - idle - quiet;
    const { probes } = await crowd.ask({ report: true });
    await crowd.ask({ probes: 0 });
    said.push(
      `  ${2 * count} probes a second: ${JSON.stringify(probes)}; ${(100 * probing).toFixed(1)} % of a core more, ` +
        `${((1_000 * 5_000 * probing) / probes.answered).toFixed(0)} µs each; ${ms(process.cpuUsage(cpu)).toFixed(0)} ms in all`,
    );
    expect(probes.refused).toBe(0);
    await crowd.leave();
  },
  MINUTES,
);
