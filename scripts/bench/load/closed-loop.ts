import { stayAwake } from './awake.js';
import { Connection } from './connection.js';
import type { Asked, Bounds, LoadResult } from './load.js';

/** What is still owed when the time is over. */
const PATIENCE_MS = 5_000;

/**
 * As many requests as there are connections, each sent when the one before was answered: how much a server does at most. It has no
 * percentiles: a server that stalls is asked less meanwhile (coordinated omission). Those are the open loop's.
 */
export async function closedLoop({ host, port, request, isRight }: Asked, bounds: Bounds): Promise<LoadResult> {
  const connections = Array.from({ length: bounds.connections }, () => new Connection(host, port));
  await Promise.all(connections.map((connection) => connection.open()));
  let [sent, answered, wrong] = [0, 0, 0];
  const began = performance.now();
  const until = began + bounds.seconds * 1_000;
  const keepAsking = async (connection: Connection) => {
    while (sent < bounds.requests) {
      if (performance.now() >= until) return;
      const answer = await connection.send(request(sent++)).catch(() => null);
      if (answer && isRight(answer)) answered++;
      else wrong++;
    }
  };
  // a server that never answers is not waited for without end; what it owes counts as wrong
  const cut = setTimeout(
    () => {
      for (const connection of connections) connection.close();
    },
    bounds.seconds * 1_000 + PATIENCE_MS,
  );
  const rest = stayAwake();
  await Promise.all(connections.map(keepAsking));
  rest();
  clearTimeout(cut);
  const seconds = (performance.now() - began) / 1_000;
  for (const connection of connections) connection.close();
  return { seconds, answered, wrong, perSecond: answered / seconds, latencyMs: null };
}
