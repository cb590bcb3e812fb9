import type { SourceName } from '#libs/contracts';

/** How one partition of one source stands with a reader. For people who look, never for a decision. */
export interface PartitionLag {
  source: SourceName;
  partition: number;
  /** Numbered by the owner, and not handed in here. */
  behind: number;
  /** Since the log itself last proved the partition complete here; a database that is read in its place does not count. Infinity: not yet. */
  ageMs: number;
}

/** Of every partition that the owner has, also one that the reader has not heard of. */
export function partitionLags(
  source: SourceName,
  last: ReadonlyMap<number, number>,
  positions: ReadonlyMap<number, number>,
  ageOf: (partition: number) => number,
): PartitionLag[] {
  return [...last].map(([partition, number]) => ({
    source,
    partition,
    behind: Math.max(0, number - (positions.get(partition) ?? 0)),
    ageMs: ageOf(partition),
  }));
}
