import type { Server } from 'node:http';

/** Resolves when no connection is left; what is still under way at the end of its time is cut. */
export async function drain(servers: readonly Server[], withinMs: number): Promise<void> {
  if (servers.length === 0) return;
  const closed = Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  // A response that was already on its way keeps its connection open afterwards, idle: those are closed as they turn up.
  const closeIdle = () => {
    for (const server of servers) server.closeIdleConnections();
  };
  const cutAll = () => {
    for (const server of servers) server.closeAllConnections();
  };
  closeIdle();
  const idle = setInterval(closeIdle, 25);
  const cut = setTimeout(cutAll, withinMs);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}
