/**
 * Many resource servers in one process of their own, so that what the feed costs its server is not mixed with what they cost. Told on stdin, one JSON a line:
 * {"listen": n}, {"probes": perSecond}, {"watch": [fingerprints]}, {"report": true}. Answers on stdout, one JSON a line.
 */
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';

const [base, authorization] = process.argv.slice(2);
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const now = () => performance.timeOrigin + performance.now();
const agent = new Agent({ keepAlive: true, maxSockets: 256 });

let proofs = 0;
let bytes = 0;
let cut = 0;
let watched = new Map();
let probes = { sent: 0, answered: 0, refused: 0, took: [] };
let pace;

function listen(ready) {
  const asked = request(`${base}/revocations`, { headers: { authorization }, agent: false }, (response) => {
    if (response.statusCode !== 200) return ready(response.statusCode);
    response.setEncoding('latin1');
    response.on('data', (text) => {
      bytes += text.length;
      if (text.includes('event: proof')) {
        proofs++;
        ready(200);
        ready = () => undefined;
      }
      if (watched.size === 0 || !text.includes('event: ended')) return;
      for (const [print, seen] of watched) if (text.includes(print)) seen.push(now());
    });
    response.on('close', () => cut++);
  });
  asked.on('error', () => ready('error'));
  asked.end();
}

function probe() {
  probes.sent++;
  const started = performance.now();
  const asked = request(`${base}/revocations/probe`, { method: 'POST', headers: { authorization }, agent }, (response) => {
    if (response.statusCode === 200) {
      probes.answered++;
      probes.took.push(performance.now() - started);
    } else probes.refused++;
    response.resume();
  });
  asked.on('error', () => probes.refused++);
  asked.end();
}

for await (const line of createInterface({ input: process.stdin })) {
  const told = JSON.parse(line);
  if (told.listen) {
    const statuses = {};
    await Promise.all(
      Array.from({ length: told.listen }, () => new Promise((ready) => listen(ready))).map(async (status) => {
        const of = await status;
        statuses[of] = (statuses[of] ?? 0) + 1;
      }),
    );
    say({ statuses });
  }
  if (told.probes !== undefined) {
    clearInterval(pace);
    probes = { sent: 0, answered: 0, refused: 0, took: [] };
    const each = told.probes / 100;
    let owed = 0;
    if (told.probes > 0)
      pace = setInterval(() => {
        for (owed += each; owed >= 1; owed--) probe();
      }, 10);
    say({ probing: told.probes });
  }
  if (told.watch) {
    watched = new Map(told.watch.map((print) => [print, []]));
    say({ watching: told.watch.length });
  }
  if (told.report) {
    const took = probes.took.toSorted((a, b) => a - b);
    const at = (share) => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? null;
    say({
      proofs,
      bytes,
      cut,
      probes: { ...probes, took: { p50: at(0.5), p99: at(0.99) } },
      seen: [...watched.values()],
      cpu: process.cpuUsage(),
    });
    [proofs, bytes] = [0, 0];
  }
}
process.exit(0);
