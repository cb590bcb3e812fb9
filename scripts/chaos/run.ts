import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import { Calls } from './calls.js';
import type { ClientId } from './chaos-config.js';
import { Deeds } from './deeds.js';
import { Driver } from './driver.js';
import { runFaults } from './fault-script.js';
import { Faults } from './faults.js';
import { type Figures, figuresOf } from './figures.js';
import type { History } from './history.js';
import { Pages } from './pages.js';
import { Random } from './random.js';
import type { Receivers } from './receivers.js';
import { Recorder } from './recorder.js';

export interface RunOptions {
  readonly seed: number;
  /** How long things break; the proofs afterwards come on top. */
  readonly forMs: number;
  /** Each kind once and no more, and what share of them two at a time. */
  readonly eachKindOnce?: { readonly paired: number };
  readonly rate: number;
  /** Sessions that are kept alive; ends begin at half of them. */
  readonly alive?: number;
  readonly longestFaultMs: number;
  say(line: string): void;
}

export interface Run {
  /** How long it was that something was broken, or might be the next moment. */
  readonly brokenForMs: number;
  readonly history: History;
  readonly figures: Figures;
}

/** Retries double from a second: what failed for the length of a fault is tried again within a small multiple of it. */
const DELIVERED_WITHIN_MS = 180_000;

/** One run on a cluster that is up and was started with ways to break. The same seed chooses the same faults in the same order; what they meet is the machine's. */
export async function runChaos(cluster: Cluster, receivers: Receivers, options: RunOptions): Promise<Run> {
  const { seed, say } = options;
  const recorder = new Recorder();
  receivers.recorder = recorder;
  const calls = new Calls();
  const deeds = new Deeds(cluster, calls, recorder);
  const boundMs = cluster.options.plan.config.settings.freshness_bound_ms;
  // Each with numbers of its own: how fast the one goes must not change what the other draws.
  const driver = new Driver(cluster, deeds, new Pages(cluster, deeds), new Random(seed), {
    boundMs,
    rate: options.rate,
    alive: options.alive ?? 40,
  });
  const random = new Random(seed + 1);
  const faults = new Faults(cluster, receivers, random, options.longestFaultMs);
  try {
    const brokenFrom = performance.now();
    const running = driver.run();
    const shorter = options.eachKindOnce ? { count: faults.ofEachKind, ...options.eachKindOnce } : {};
    await runFaults(faults, recorder, random, { forMs: options.forMs, ...shorter, say });
    const brokenForMs = performance.now() - brokenFrom;
    driver.stop();
    await running;
    say('everything is whole again; the proofs');
    await Promise.all(cluster.services.map((member) => member.ready()));
    const healedAt = performance.now();
    await driver.settled();
    await driver.proveAlive();
    for (const { sid, client } of await settledDeliveries(deeds)) recorder.add({ kind: 'dead', sid, client });
    if (driver.errors.length > 0) throw new AggregateError(driver.errors, 'the driver made mistakes of its own');
    const instances = cluster.of('introspect').map(({ name }) => name);
    const history: History = { boundMs, instances, healedAt, steps: recorder.steps };
    return { history, figures: figuresOf(history), brokenForMs };
  } finally {
    driver.stop();
    await calls.close();
  }
}

type Listed = { sid: string; client: ClientId };

/** When no logout token is owed any more (or this has taken too long: then the judge finds those lost), the dead ones. */
async function settledDeliveries(deeds: Deeds): Promise<Listed[]> {
  const deadline = performance.now() + DELIVERED_WITHIN_MS;
  while (performance.now() < deadline && (await listed(deeds, 'pending', 1)).length > 0) await delay(500);
  return listed(deeds, 'dead', Infinity);
}

async function listed(deeds: Deeds, state: 'pending' | 'dead', atMost: number): Promise<Listed[]> {
  const found: Listed[] = [];
  for (let cursor: string | null = ''; cursor !== null && found.length < atMost; ) {
    const page = await deeds.asOperator(
      'GET',
      `/admin/deliveries?state=${state}&limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
    );
    if (page.status !== 200) throw new Error(`deliveries can't be listed: ${page.status} ${JSON.stringify(page.body)}`);
    const items = page.body.items as { sid: string; client_id: ClientId }[];
    found.push(...items.map(({ sid, client_id }) => ({ sid, client: client_id })));
    cursor = page.body.next as string | null;
  }
  return found;
}
