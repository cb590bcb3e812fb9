import type { BroadcastRules, BroadcastState } from './broadcast-state.js';
import { UNSEEN } from './followed-partition.js';

/**
 * When each partition was last proven by what Kafka brought of it. The reader's own proof needs all of them at once or the database; this one shows which
 * partition stands still while the database keeps the view fresh. It decides nothing.
 */
export class LogProofs {
  private readonly sent = new Map<number, number>();

  /** `before`: its probes are there although this outcome may have settled them. */
  note(before: BroadcastState, after: BroadcastState, rules: BroadcastRules): void {
    const { epoch, positions } = after.log;
    if (epoch === null || after.foreign) return;
    const probes = [...before.probes, ...after.probes].filter(({ ticket }) => ticket.epoch === epoch);
    for (const [partition, position] of positions) {
      const below = rules.provenBelow(position, after.partitions.get(partition) ?? UNSEEN, epoch);
      for (const { ticket, sent } of probes)
        if (ticket.ticket < below) this.sent.set(partition, Math.max(sent.monotonic, this.sent.get(partition) ?? 0));
    }
  }

  age(partition: number, now: number): number {
    return now - (this.sent.get(partition) ?? Number.NEGATIVE_INFINITY);
  }
}
