import type { RevocationEntry, SourceName } from '#libs/contracts';
import type { LogPlace, LogPosition } from '#libs/event-log';
import { epochName, type FeedPosition } from './position.js';

interface Item {
  readonly source: SourceName;
  readonly place: LogPlace;
  readonly entry: RevocationEntry;
}

export type Resumption = { readonly entries: readonly RevocationEntry[] } | { readonly refused: string };

/** An entry kept here costs some 200 bytes. */
const KEPT = 50_000;

/**
 * What this process can hand to a listener that was connected elsewhere until now: everything with a number beyond the listener's, and everything
 * that has no number yet (a hint, a row before its relay step), since no position covers that. Numbers, not the order of arrival: a record may
 * come before a hole is filled, and the position moves over it later.
 */
export class Journal {
  private items: Item[] = [];
  /** By kind, id, generation and time: in the view, and not yet seen with a number. */
  private readonly open = new Map<string, RevocationEntry>();
  /** Per source and epoch, up to which number of each partition nothing is kept. */
  private readonly forgotten = new Map<SourceName, Map<string, number[]>>();
  private readonly current = new Map<SourceName, { epoch: string; name: string }>();

  constructor(private readonly kept: number = KEPT) {}

  logged(source: SourceName, entries: readonly RevocationEntry[], places: readonly (LogPlace | null)[]): void {
    for (const [index, entry] of entries.entries()) {
      const place = places[index] ?? null;
      if (!place) this.open.set(nameOf(entry), entry);
      else {
        this.open.delete(nameOf(entry));
        this.items.push({ source, place, entry });
      }
    }
    // In strides: cutting off one by one would move the rest each time.
    if (this.items.length > 1.25 * this.kept) for (const item of this.items.splice(0, this.items.length - this.kept)) this.forget(item);
  }

  /** News that came past the log. */
  unlogged(news: readonly RevocationEntry[]): void {
    for (const entry of news) this.open.set(nameOf(entry), entry);
  }

  /** What was handed in up to here belongs to `position`, and in a new epoch nothing before it can be asked for. */
  proven(source: SourceName, { epoch, numbers }: LogPosition): void {
    if (this.current.get(source)?.epoch === epoch) return;
    this.current.set(source, { epoch, name: epochName(epoch) });
    for (const [partition, number] of numbers) this.raise(source, epoch, partition, number);
    const { [epoch]: kept = [] } = Object.fromEntries(this.forgotten.get(source) ?? []);
    this.forgotten.set(source, new Map([[epoch, kept]]));
    this.items = this.items.filter((item) => item.source !== source || item.place.epoch === epoch);
  }

  /** What was set before this time is needed by nobody. */
  expire(before: number): void {
    for (const [name, entry] of this.open) if (entry.at < before) this.open.delete(name);
  }

  since(position: FeedPosition): Resumption {
    for (const [source, current] of this.current) {
      const known = position.get(source);
      if (!known || known.epoch !== current.name) return { refused: `the log of ${source} is of another epoch` };
      const forgotten = this.forgotten.get(source)?.get(current.epoch) ?? [];
      if (forgotten.some((number, partition) => number > (known.numbers[partition] ?? 0))) {
        return { refused: `what ${source} published after this position is not kept any more` };
      }
    }
    // An entry of a new epoch may be here before that epoch's first proof: its number says nothing beside a position of the old one.
    const beyond = ({ source, place }: Item) =>
      place.epoch !== this.current.get(source)?.epoch || place.pseq > (position.get(source)?.numbers[place.partition] ?? 0);
    return { entries: [...this.items.filter(beyond).map(({ entry }) => entry), ...this.open.values()] };
  }

  private forget({ source, place }: Item): void {
    this.raise(source, place.epoch, place.partition, place.pseq);
  }

  private raise(source: SourceName, epoch: string, partition: number, number: number): void {
    const epochs = this.forgotten.get(source) ?? new Map<string, number[]>();
    const numbers = epochs.get(epoch) ?? [];
    while (numbers.length <= partition) numbers.push(0);
    numbers[partition] = Math.max(numbers[partition] ?? 0, number);
    epochs.set(epoch, numbers);
    this.forgotten.set(source, epochs);
  }
}

function nameOf(entry: RevocationEntry): string {
  return `${entry.kind} ${entry.at} ${'gen' in entry ? entry.gen : ''} ${entry.id}`;
}
