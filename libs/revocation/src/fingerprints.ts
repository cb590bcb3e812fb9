/** 64 bits of an id, as two halves that are never both zero, which stands for an empty cell. Signed, so that V8 keeps them as they are, in the object itself. */
export interface Fingerprint {
  high: number;
  low: number;
}

/**
 * Two independent multiplicative mixes over the characters, each finished by an avalanche. Ids are random and ours, so nobody can aim for a
 * collision; by chance one live token in 10^11 meets one of 10^7 entries, and is refused, never the other way round.
 */
export function fingerprint(id: string, into: Fingerprint): Fingerprint {
  let high = 0x2545f491 ^ id.length;
  let low = 0x6c8e9cf5;
  for (let index = 0; index < id.length; index++) {
    const code = id.charCodeAt(index);
    high = Math.imul(high ^ code, 0x9e3779b1);
    low = Math.imul(low ^ code, 0x85ebca77);
    high = (high << 13) | (high >>> 19);
    low = (low << 15) | (low >>> 17);
  }
  into.high = avalanche(high ^ Math.imul(low, 0xc2b2ae3d));
  into.low = avalanche(low ^ Math.imul(high, 0x27d4eb2f));
  if (into.high === 0 && into.low === 0) into.low = 1;
  return into;
}

function avalanche(half: number): number {
  let mixed = half ^ (half >>> 16);
  mixed = Math.imul(mixed, 0x7feb352d);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x846ca68b);
  return mixed ^ (mixed >>> 16);
}

const SEGMENT_BITS = 8;
const SMALLEST = 8;
/** Past this, a miss walks too far. */
const FULL = 0.66;

/**
 * A set of fingerprints in open addressing, cut into segments that grow one by one: at ten million entries one growth moves some
 * thousands, never all of them while requests wait. Nothing leaves it but the whole. Nearly all that is asked for is not there, and the cells are far too
 * many for a processor's cache: 4 bits for each of them say so first. 8.5 bytes a cell, 13 to 26 bytes an entry.
 */
export class FingerprintSet {
  private readonly segments: (Segment | undefined)[] = [];
  size = 0;

  /** True when it was new. */
  add({ high, low }: Fingerprint): boolean {
    const index = high >>> (32 - SEGMENT_BITS);
    let segment = this.segments[index];
    if (!segment) {
      segment = { cells: new Int32Array(2 * SMALLEST), filter: new Int32Array(1), used: 0 };
      this.segments[index] = segment;
    }
    if (find(segment.cells, high, low)) return false;
    if (segment.used + 1 > (segment.cells.length / 2) * FULL) grow(segment);
    put(segment, high, low);
    segment.used++;
    this.size++;
    return true;
  }

  has({ high, low }: Fingerprint): boolean {
    const segment = this.segments[high >>> (32 - SEGMENT_BITS)];
    return segment !== undefined && mayHold(segment.filter, high, low) && find(segment.cells, high, low);
  }

  /** Segment by segment, each cell as `packed` writes it. What is added while somebody takes them one by one may be missing. */
  *chunks(): Generator<Uint8Array> {
    for (const segment of this.segments) {
      if (!segment) continue;
      const { cells, used } = segment;
      const bytes = new Uint8Array(used * FINGERPRINT_BYTES);
      const view = new DataView(bytes.buffer);
      let at = 0;
      for (let cell = 0; cell < cells.length; cell += 2) {
        const low = cells[cell] as number;
        const high = cells[cell + 1] as number;
        if (low === 0 && high === 0) continue;
        write(view, at, high, low);
        at += FINGERPRINT_BYTES;
      }
      yield bytes;
    }
  }

  get bytes(): number {
    return this.segments.reduce((sum, segment) => sum + (segment ? segment.cells.byteLength + segment.filter.byteLength : 0), 0);
  }
}

export const FINGERPRINT_BYTES = 8;

/** The ids' fingerprints as they travel: big-endian, the high half first. */
export function packed(ids: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(ids.length * FINGERPRINT_BYTES);
  const view = new DataView(bytes.buffer);
  const each: Fingerprint = { high: 0, low: 0 };
  for (const [index, id] of ids.entries()) {
    fingerprint(id, each);
    write(view, index * FINGERPRINT_BYTES, each.high, each.low);
  }
  return bytes;
}

/** What `packed` wrote; null: its length is none. */
export function unpacked(bytes: Uint8Array): Fingerprint[] | null {
  if (bytes.byteLength % FINGERPRINT_BYTES !== 0) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / FINGERPRINT_BYTES }, (_, index) => ({
    high: view.getInt32(index * FINGERPRINT_BYTES),
    low: view.getInt32(index * FINGERPRINT_BYTES + 4),
  }));
}

function write(view: DataView, at: number, high: number, low: number): void {
  view.setInt32(at, high);
  view.setInt32(at + 4, low);
}

interface Segment {
  cells: Int32Array;
  /** Two bits for each fingerprint, in one word: a word for eight cells. */
  filter: Int32Array;
  used: number;
}

/** False: it certainly isn't there. True of one in ten that isn't, at worst. */
function mayHold(filter: Int32Array, high: number, low: number): boolean {
  const bits = bitsOf(high);
  return ((filter[wordOf(filter, low)] as number) & bits) === bits;
}

/** By other bits than those that choose the segment. */
function bitsOf(high: number): number {
  return (1 << high) | (1 << (high >>> 5));
}

function wordOf(filter: Int32Array, low: number): number {
  return (low >>> 3) & (filter.length - 1);
}

function find(cells: Int32Array, high: number, low: number): boolean {
  const last = cells.length - 2;
  for (let cell = (low << 1) & last; ; cell = (cell + 2) & last) {
    const foundLow = cells[cell];
    if (foundLow === low && cells[cell + 1] === high) return true;
    if (foundLow === 0 && cells[cell + 1] === 0) return false;
  }
}

function put({ cells, filter }: Segment, high: number, low: number): void {
  const last = cells.length - 2;
  let cell = (low << 1) & last;
  while (cells[cell] !== 0 || cells[cell + 1] !== 0) cell = (cell + 2) & last;
  cells[cell] = low;
  cells[cell + 1] = high;
  filter[wordOf(filter, low)] = (filter[wordOf(filter, low)] as number) | bitsOf(high);
}

function grow(segment: Segment): void {
  const { cells, filter } = segment;
  segment.cells = new Int32Array(cells.length * 2);
  segment.filter = new Int32Array(filter.length * 2);
  for (let cell = 0; cell < cells.length; cell += 2) {
    const low = cells[cell] as number;
    const high = cells[cell + 1] as number;
    if (low !== 0 || high !== 0) put(segment, high, low);
  }
}
