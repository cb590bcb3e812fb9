import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Jest's own process offers a broker to its workers: the first that asks makes it start (4 to 10 s), and it lives and dies with the run.
 * Specs share it, with topics under names of their own; a spec that stops or kills a broker starts one for itself.
 */
export class LazyKafka {
  #started;
  #home;
  #door;

  constructor(startKafka, freePort) {
    this.startKafka = startKafka;
    this.freePort = freePort;
  }

  /** The address that answers a GET with `host:port` of the broker, or with one sentence. */
  async offer() {
    this.#door = createServer((_request, response) => {
      // A connection kept for the next spec of the same worker would be closed by the time it asks.
      response.setHeader('connection', 'close');
      this.#started ??= this.#start();
      this.#started.then(
        ({ address }) => response.end(address),
        (error) => response.writeHead(500).end(error.message),
      );
    });
    await new Promise((resolve, reject) => {
      this.#door.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    this.#door.unref();
    return `http://127.0.0.1:${this.#door.address().port}`;
  }

  async stop() {
    this.#door.close();
    this.#door.closeAllConnections();
    const server = await this.#started?.catch(() => undefined);
    // Nobody wants its data: no need to wait for an orderly stop.
    await server?.kill();
    if (this.#home) rmSync(this.#home, { recursive: true, force: true });
  }

  async #start() {
    this.#home = mkdtempSync(join(tmpdir(), 'lanyard-test-kafka-'));
    return this.startKafka({ home: this.#home, port: await this.freePort(), controllerPort: await this.freePort() });
  }
}
