import type { ServiceName } from '#libs/contracts';
import type { Killing } from './killing.js';

/** A place of a flow: whether what the flow writes is committed when it is reached. */
export type Side = 'before' | 'after';

export interface Flow {
  readonly name: string;
  /** Who is killed. */
  readonly service: ServiceName;
  readonly places: Readonly<Record<string, Side>>;
  /** Those that `npm test` has too; ends, deliveries and the cascade it has in kill.spec. */
  readonly daily: readonly string[];
  /** One story, killed at that place; `side` says which promise holds. */
  run(killing: Killing, place: string, side: Side): Promise<void>;
}
