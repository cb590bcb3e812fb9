import { Connection } from './connection.js';
import { Latencies } from './latencies.js';
import type { Asked, Bounds, LoadResult } from './load.js';

/**
 * As many requests as there are connections, each sent when the one before was answered: how much a server does at most. Its percentiles
 * say nothing about waiting: a server that stalls is asked less meanwhile (coordinated omission). Those are the open loop's.
 */
export async function closedLoop({ host, port, request, isRight }: Asked, bounds: Bounds): Promise<LoadResult> {
  const connections = Array.from({ length: bounds.connections }, () => new Connection(host, port));
  await Promise.all(connections.map((connection) => connection.open()));
  const latencies = new Latencies();
  let [sent, answered, wrong] = [0, 0, 0];
  const began = performance.now();
  const until = began + bounds.seconds * 1_000;
  const keepAsking = async (connection: Connection) => {
    while (sent < bounds.requests) {
      const sentAt = performance.now();
      if (sentAt >= until) return;
      const answer = await connection.send(request(sent++)).catch(() => null);
      latencies.add(performance.now() - sentAt);
      if (answer && isRight(answer)) answered++;
      else wrong++;
    }
  };
  await Promise.all(connections.map(keepAsking));
  const seconds = (performance.now() - began) / 1_000;
  for (const connection of connections) connection.close();
  return { seconds, answered, wrong, perSecond: answered / seconds, latencyMs: latencies.percentiles };
}
