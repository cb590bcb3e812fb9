/**
 * One process of a cluster, whatever it is: an instance of a service, Postgres, a broker. Who breaks things knows nothing else of it.
 * `start` resolves when it can be used; `stop` asks, `kill` does not; a paused one answers nothing and loses nothing.
 */
export interface Member {
  /** Unique in its cluster: `token-2`, `postgres`. */
  readonly name: string;
  readonly running: boolean;
  start(): Promise<void>;
  stop(): Promise<void>;
  kill(): Promise<void>;
  pause(): void;
  resume(): void;
}

export async function restart(member: Member): Promise<void> {
  await member.stop();
  await member.start();
}
