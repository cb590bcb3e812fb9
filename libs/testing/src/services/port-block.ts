import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the range from which systems take the ports of outgoing connections. */
const [FIRST, LAST, STEP] = [10_000, 31_990, 30];

/** A PORT_BASE whose nine ports are free: +0 to +3, +10 to +13, and +20 for who starts a Postgres as well. */
export async function freePortBase(): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const base = FIRST + STEP * randomInt((LAST - FIRST) / STEP);
    const ports = [0, 1, 2, 3, 10, 11, 12, 13, 20].map((offset) => base + offset);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return base;
  }
  throw new Error('no nine free ports in a row found');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
