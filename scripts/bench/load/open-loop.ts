import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from './connection.js';
import { Latencies } from './latencies.js';
import type { Asked, Bounds, LoadResult } from './load.js';

const TICK_MS = 1;

/**
 * Requests at a rate that the server has no say in, each due at its own moment. Latency counts from that moment, not from when a
 * connection became free or this process got round to it: whoever waited behind a stall is in the percentiles (no coordinated omission).
 * The lateness of this process itself, up to a tick, counts as the server's.
 */
export async function openLoop({ host, port, request, isRight }: Asked, bounds: Bounds, perSecond: number): Promise<LoadResult> {
  const free = Array.from({ length: bounds.connections }, () => new Connection(host, port));
  await Promise.all(free.map((connection) => connection.open()));
  const all = [...free];
  const latencies = new Latencies();
  const total = Math.min(bounds.requests, Math.floor(perSecond * bounds.seconds));
  const began = performance.now();
  const dueAt = (n: number) => began + (n * 1_000) / perSecond;
  let [sent, answered, wrong] = [0, 0, 0];
  let over = false;
  const underWay = new Set<Promise<void>>();

  const send = async (connection: Connection, n: number) => {
    const answer = await connection.send(request(n)).catch(() => null);
    latencies.add(performance.now() - dueAt(n));
    if (answer && isRight(answer)) answered++;
    else wrong++;
    free.push(connection);
    sendWhatIsDue();
  };
  const sendWhatIsDue = () => {
    const now = performance.now();
    while (!over && sent < total && dueAt(sent) <= now) {
      const connection = free.pop();
      if (!connection) return;
      const asked = send(connection, sent++).finally(() => underWay.delete(asked));
      underWay.add(asked);
    }
  };

  // Twice the time: what a server too slow for the rate still owes is not waited for without end; it counts as wrong.
  const patience = began + bounds.seconds * 2_000;
  while (answered + wrong < total && performance.now() < patience) {
    sendWhatIsDue();
    await delay(TICK_MS);
  }
  const seconds = (performance.now() - began) / 1_000;
  over = true;
  for (const connection of all) connection.close();
  await Promise.all(underWay);
  // what was never sent has waited as well
  for (let n = sent; n < total; n++) latencies.add(performance.now() - dueAt(n));
  return { seconds, answered, wrong: total - answered, perSecond: answered / seconds, latencyMs: latencies.percentiles };
}
