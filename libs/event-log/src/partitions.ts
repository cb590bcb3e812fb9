import type { SourceName, StreamName } from '#libs/contracts';

/** Postgres needs one partition a stream; Kafka brings more (`addPartitions`). The number is part of the epoch, so changing it is noticed by every reader. */
export const PARTITIONS = 1;

/** The channel that wakes readers; its payload is a source's name and nothing else. */
export const LOG_CHANNEL = 'lanyard_log';

export interface PartitionId {
  stream: StreamName;
  partition: number;
}

/** Our own hash (FNV-1a), stored on the row: a client library's choice must never move a key to another partition. */
export function partitionOf(key: string, partitions: number = PARTITIONS): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(key, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % partitions;
}

/** Only these three names ever become part of SQL text. */
export function schemaOf(source: SourceName): string {
  return source;
}
