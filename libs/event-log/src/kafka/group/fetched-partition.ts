import type { GroupRecord } from '../../group/delivery-rules.js';
import type { Decoded } from '../wire.js';

/** More than this waits in the broker. */
export const FULL = 1_000;

/**
 * What was fetched of one partition and is not done. Pure. Sorted by number, whatever order it came in: two relays may publish beside each
 * other, and after a rebalance everything since the last commit comes again.
 */
export class FetchedPartition {
  private readonly records = new Map<number, GroupRecord>();
  /** Number by offset, of what came and was not committed; 0: it has none, and nobody waits for it. */
  private readonly numbers = new Map<number, number>();
  private unreadable = 0;

  get full(): boolean {
    return this.records.size >= FULL;
  }

  get nearlyEmpty(): boolean {
    return this.records.size < FULL / 5;
  }

  add(offset: number, message: Decoded): void {
    const number = message.type === 'event' ? message.record.pseq : message.type === 'unreadable' ? (message.pseq ?? 0) : 0;
    this.numbers.set(offset, number);
    if (message.type === 'event') this.records.set(number, message.record);
    else if (number > 0) this.unreadable = Math.max(this.unreadable, number);
  }

  /** Everything fetched after the position. `asked`: what came is not the next, or can't be read, so the truth has to be asked. */
  after(position: number, limit: number): { records: GroupRecord[]; last: number; asked: boolean } {
    for (const number of this.records.keys()) if (number <= position) this.records.delete(number);
    const numbers = [...this.records.keys()].sort((a, b) => a - b);
    const last = Math.max(position, this.unreadable, numbers.at(-1) ?? 0);
    const records = numbers.slice(0, limit).flatMap((number) => this.records.get(number) ?? []);
    return { records, last, asked: last > position && numbers[0] !== position + 1 };
  }

  /** The offset to begin at when all up to the position is done: the first that is not. Null: nothing new. */
  committable(position: number): number | null {
    const offsets = [...this.numbers.keys()];
    if (offsets.length === 0) return null;
    const open = offsets.filter((offset) => (this.numbers.get(offset) ?? 0) > position);
    const next = open.length > 0 ? Math.min(...open) : Math.max(...offsets) + 1;
    const done = offsets.filter((offset) => offset < next);
    for (const offset of done) this.numbers.delete(offset);
    return done.length > 0 ? next : null;
  }

  /** Everything since the last commit will come again. */
  clear(): void {
    this.records.clear();
    this.numbers.clear();
    this.unreadable = 0;
  }
}
