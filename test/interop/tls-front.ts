import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer, type Server } from 'node:tls';
import type { TestCertificates } from '#libs/testing';

/** Ends TLS before a service, as whatever stands before it in earnest does: some clients speak nothing else. */
export class TlsFront {
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async start({ keyFile, certFile }: TestCertificates, to: string): Promise<TlsFront> {
    const server = createServer({ key: readFileSync(keyFile), cert: readFileSync(certFile) });
    const front = new TlsFront(server);
    const port = Number(new URL(to).port);
    server.on('secureConnection', (outer) => {
      const inner = connect({ host: '127.0.0.1', port });
      for (const [socket, other] of [
        [outer, inner],
        [inner, outer],
      ] as const) {
        front.sockets.add(socket);
        socket.on('error', () => other.destroy());
        socket.on('close', () => front.sockets.delete(socket) && other.destroy());
      }
      outer.pipe(inner).pipe(outer);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return front;
  }

  get origin(): string {
    return `https://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
