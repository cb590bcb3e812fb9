import { createHash } from 'node:crypto';
import { SOURCES, type SourceName } from '#libs/contracts';
import type { LogPosition } from '#libs/event-log';

/** What a copy of the view has, in words that every instance understands: per source the log's lineage and its numbers by partition. */
export type FeedPosition = ReadonlyMap<SourceName, { readonly epoch: string; readonly numbers: readonly number[] }>;

const SOURCE = /^([a-z]{1,16}):([A-Za-z0-9_-]{16}):(\d{1,15}(?:,\d{1,15}){0,255})$/;
const MAX_LENGTH = 4_096;

/** A database's epoch names its system and the time of its start: nobody's business outside, and too long for an id. */
export function epochName(epoch: string): string {
  return createHash('sha256').update(epoch).digest('base64url').slice(0, 16);
}

/** `session:<epoch>:<number>,<number>;token:…`, a partition each: fit for an `id:` line and for a header. */
export function formatPosition(position: FeedPosition): string {
  return [...position].map(([source, { epoch, numbers }]) => `${source}:${epoch}:${numbers.join()}`).join(';');
}

/** Null: nothing that an instance ever said. */
export function parsePosition(text: string): FeedPosition | null {
  if (text.length > MAX_LENGTH) return null;
  const parts = text.split(';').map((part) => SOURCE.exec(part));
  const position = new Map<SourceName, { epoch: string; numbers: number[] }>();
  for (const part of parts) {
    const source = SOURCES.find((name) => name === part?.[1]);
    if (!part || !source || position.has(source)) return null;
    position.set(source, { epoch: part[2] ?? '', numbers: (part[3] ?? '').split(',').map(Number) });
  }
  return position.size === SOURCES.length ? position : null;
}

export function numbersOf({ numbers }: LogPosition): number[] {
  const partitions = Math.max(0, ...numbers.keys());
  return Array.from({ length: partitions + 1 }, (_, partition) => numbers.get(partition) ?? 0);
}
