import type { RevocationEntry, SourceName } from '#libs/contracts';
import { FINGERPRINT_BYTES, packed, type SetChunk } from '#libs/revocation';

/** Of the wire format, docs/revocation-feed.md. Raised when a listener that knows the former one would go wrong. */
export const FEED_VERSION = 1;

export type FeedEvent = 'open' | 'ended' | 'raised' | 'proof' | 'leaving';

/** What one event may carry: 32 KiB of fingerprints, which are 43 KiB as base64. */
const FINGERPRINTS = 4_096;
const ENDED_BYTES = FINGERPRINTS * FINGERPRINT_BYTES;
const GENERATIONS = 512;

export interface SourceProof {
  readonly epoch: string;
  readonly ticket: number;
  readonly db_time: number;
}

/** An event of a stream (HTML Living Standard, 9.2), as the bytes that all listeners get. */
export function frame(event: FeedEvent, data: object, { id, retryMs }: { id?: string; retryMs?: number } = {}): Buffer {
  const lines = [
    ...(retryMs === undefined ? [] : [`retry: ${retryMs}`]),
    ...(id === undefined ? [] : [`id: ${id}`]),
    `event: ${event}`,
    `data: ${JSON.stringify(data)}`,
  ];
  return Buffer.from(`${lines.join('\n')}\n\n`);
}

export interface Opening {
  readonly resumed: boolean;
  readonly reason?: string;
  readonly horizon_ms: number;
  readonly bound_ms: number;
}

export function openFrame(opening: Opening, retryMs: number): Buffer {
  return frame('open', { version: FEED_VERSION, ...opening }, { retryMs });
}

export interface FeedProof {
  readonly sources: Readonly<Partial<Record<SourceName, SourceProof>>>;
  readonly owner_now: number | null;
  readonly unpassed_since: number;
}

export function proofFrame(proof: FeedProof, position: string): Buffer {
  return frame('proof', proof, { id: position });
}

/** Entries as they come: fingerprints of what ended, generations of whom was raised. Filed under the latest time of those it travels with. */
export function* entryFrames(entries: readonly RevocationEntry[]): Generator<Buffer> {
  for (const kind of new Set(entries.map((entry) => entry.kind))) {
    const all = entries.filter((entry) => entry.kind === kind);
    if (kind === 'subject' || kind === 'client') {
      yield* raisedFrames(
        kind,
        all.flatMap((entry) => ('gen' in entry ? [entry] : [])),
      );
      continue;
    }
    for (let from = 0; from < all.length; from += FINGERPRINTS) {
      const some = all.slice(from, from + FINGERPRINTS);
      const at = some.reduce((latest, entry) => Math.max(latest, entry.at), 0);
      yield endedFrame(kind, at, packed(some.map(({ id }) => id)));
    }
  }
}

/** The whole set, for whoever has nothing. One piece of it is in memory at a time. */
export function* snapshotFrames(chunks: Iterable<SetChunk>): Generator<Buffer> {
  const raised = new Map<string, Raised[]>();
  const ended = new EndedBatch();
  for (const chunk of chunks) {
    if ('fingerprints' in chunk) yield* ended.add(chunk.kind, chunk.at, chunk.fingerprints);
    else {
      const batch = raised.get(chunk.kind) ?? [];
      raised.set(chunk.kind, batch);
      batch.push(chunk);
      if (batch.length >= GENERATIONS) yield* raisedFrames(chunk.kind, batch.splice(0));
    }
  }
  yield* ended.flush();
  for (const [kind, batch] of raised) yield* raisedFrames(kind, batch);
}

/** A set is in many small pieces: what is of one kind and time travels together, as much as an event may carry. */
class EndedBatch {
  private kind = '';
  private at = 0;
  private parts: Uint8Array[] = [];
  private bytes = 0;

  *add(kind: string, at: number, fingerprints: Uint8Array): Generator<Buffer> {
    if (kind !== this.kind || at !== this.at) yield* this.flush();
    this.kind = kind;
    this.at = at;
    for (let from = 0; from < fingerprints.length; ) {
      const part = fingerprints.subarray(from, from + ENDED_BYTES - this.bytes);
      this.parts.push(part);
      this.bytes += part.length;
      from += part.length;
      if (this.bytes === ENDED_BYTES) yield* this.flush();
    }
  }

  *flush(): Generator<Buffer> {
    if (this.bytes > 0) yield endedFrame(this.kind, this.at, Buffer.concat(this.parts));
    this.parts = [];
    this.bytes = 0;
  }
}

interface Raised {
  readonly id: string;
  readonly gen: number;
  readonly at: number;
}

function* raisedFrames(kind: string, all: readonly Raised[]): Generator<Buffer> {
  for (let from = 0; from < all.length; from += GENERATIONS) {
    const raised = all.slice(from, from + GENERATIONS).map(({ id, gen, at }) => [base64(packed([id])), gen, at]);
    yield frame('raised', { kind, raised });
  }
}

function endedFrame(kind: string, at: number, fingerprints: Uint8Array): Buffer {
  return frame('ended', { kind, at, fingerprints: base64(fingerprints) });
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
