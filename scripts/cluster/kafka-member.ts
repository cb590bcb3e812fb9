import { type KafkaServer, startKafka } from '#libs/embedded-kafka';
import type { DataDirectory } from '../start/data-directory.js';
import type { Member } from './member.js';

/** The cluster's broker: one node, whose log lies in the data directory and is gone on with. */
export class KafkaMember implements Member {
  readonly name = 'kafka';
  private server: KafkaServer | undefined;
  private ending = false;

  constructor(
    private readonly directory: DataDirectory,
    readonly port: number,
    private readonly controllerPort: number,
    private readonly onLost?: (how: string) => void,
    /** Of what stands in front of it and is all that clients know. */
    private readonly advertisedPort = port,
  ) {}

  get running(): boolean {
    return this.server?.running ?? false;
  }

  get pid(): number {
    return this.server?.running ? this.server.pid : 0;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Resolves when a client is answered. The first start of a machine fetches Kafka through Maven. */
  async start(): Promise<void> {
    if (this.running) return;
    this.ending = false;
    if (this.server) await this.server.start();
    else {
      const { port, controllerPort, advertisedPort } = this;
      this.server = await startKafka({ home: this.directory.file('kafka'), port, controllerPort, advertisedPort });
    }
    void this.server.exited.then(() => this.ending || this.onLost?.('has stopped'));
  }

  async stop(): Promise<void> {
    this.ending = true;
    if (this.running) await this.server?.stop();
  }

  async kill(): Promise<void> {
    this.ending = true;
    await this.server?.kill();
  }

  pause(): void {
    this.server?.pause();
  }

  resume(): void {
    this.server?.resume();
  }
}
