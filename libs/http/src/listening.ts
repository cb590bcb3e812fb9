import type { Server } from 'node:http';

/** A port that can't be had, said so that the person starting it knows what to do. */
export class ListenError extends Error {}

export function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

export function listenError(error: unknown, host: string): unknown {
  const { code, port } = error as { code?: string; port?: number };
  if (code === 'EADDRINUSE') return new ListenError(`port ${port} on ${host} is taken by another program`, { cause: error });
  if (code === 'EACCES') return new ListenError(`port ${port} on ${host} may not be opened by this user`, { cause: error });
  if (code === 'EADDRNOTAVAIL') return new ListenError(`${host} is not an address of this machine`, { cause: error });
  return error;
}
