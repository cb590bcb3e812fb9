import type { GroupRecord } from '../../group/delivery-rules.js';
import type { Decoded } from '../wire.js';

/** More than this waits in the broker. */
export const FULL = 1_000;

interface Fetched {
  /** In which order it came. */
  turn: number;
  number: number;
}

/**
 * What was fetched of one partition and is not done. Pure. Sorted by number, whatever order it came in: two relays may publish beside each
 * other, and after a rebalance everything since the last commit comes again. Numbers are given again after a fail-over that lost some and in a
 * restored copy, so a record counts only in the epoch of the database that the reader's position is of; of any other, only its number is known.
 */
export class FetchedPartition {
  /** What came and was not committed, in the order of its offsets. Number 0: it has none, and nobody waits for it. */
  private readonly offsets: (Fetched & { offset: number })[] = [];
  private readonly records = new Map<number, Fetched & { epoch: string; record: GroupRecord }>();
  /** Came, and can't be read. */
  private readonly unreadable = new Map<number, Fetched>();
  private epoch: string | null = null;
  private turns = 0;
  private next: number | null = null;

  constructor(private readonly rules: FetchRules = FETCH_RULES) {}

  get full(): boolean {
    return this.offsets.length >= FULL;
  }

  get nearlyEmpty(): boolean {
    return this.offsets.length < FULL / 5;
  }

  /** How much has come so far: what an answer may be held against. */
  get turn(): number {
    return this.turns;
  }

  add(offset: number, message: Decoded): void {
    const turn = ++this.turns;
    const number = message.type === 'event' ? message.record.pseq : message.type === 'unreadable' ? (message.pseq ?? 0) : 0;
    this.offsets.push({ offset, number, turn });
    if (message.type !== 'event') {
      if (number > 0) this.unreadable.set(number, { number, turn });
      return;
    }
    const known = this.records.get(number);
    if (!known || !this.rules.isOurs(known.epoch, this.epoch)) this.records.set(number, { ...message, number, turn });
  }

  /** What can be read of everything after the position. `asked`: what came is not the next, so the truth has to be asked. */
  after(position: number, limit: number): { records: GroupRecord[]; asked: boolean } {
    this.trim(position);
    for (const waiting of [this.records, this.unreadable])
      for (const number of waiting.keys()) if (number <= position) waiting.delete(number);
    const readable = [...this.records.values()]
      .filter(({ epoch }) => this.rules.isOurs(epoch, this.epoch))
      .sort((a, b) => a.number - b.number);
    const asked = this.records.size + this.unreadable.size > 0 && readable[0]?.number !== position + 1;
    return { records: readable.slice(0, limit).map(({ record }) => record), asked };
  }

  /**
   * What the owner's database says of itself. A number that it had not given when it was asked (`turn`) will not come of this record: the record is
   * forgotten, and when the number is given its own record brings it, or the outbox. Else one false number would hold up the partition's offsets for good.
   */
  learn({ epoch, last }: { epoch: string; last: number }, turn: number): number[] {
    this.epoch = epoch;
    const isFalse = (fetched: Fetched) => fetched.turn <= turn && this.rules.isBeyond(fetched.number, last);
    for (const waiting of [this.records, this.unreadable])
      for (const fetched of waiting.values()) if (isFalse(fetched)) waiting.delete(fetched.number);
    const forgotten = this.offsets.filter(isFalse).map((fetched) => {
      const { number } = fetched;
      fetched.number = 0;
      return number;
    });
    return forgotten;
  }

  /** The offset to begin at when all up to the position is done: the first that is not. Null: nothing new. */
  committable(position: number): number | null {
    this.trim(position);
    const { next } = this;
    this.next = null;
    return next;
  }

  /** Everything since the last commit will come again. */
  clear(): void {
    this.records.clear();
    this.unreadable.clear();
    this.offsets.length = 0;
    this.next = null;
  }

  private trim(position: number): void {
    const open = this.offsets.findIndex(({ number }) => number > position);
    const done = this.offsets.splice(0, open === -1 ? this.offsets.length : open).at(-1);
    if (done) this.next = done.offset + 1;
  }
}

/** The rules as one value, so that a test can break one of them and show that a named case fails. */
export const FETCH_RULES = {
  isOurs: (epoch: string, known: string | null) => epoch === known,
  isBeyond: (number: number, last: number) => number > last,
};
export type FetchRules = typeof FETCH_RULES;
