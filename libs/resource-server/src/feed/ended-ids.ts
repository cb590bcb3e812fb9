import { ExpiringIds, unpacked } from '#libs/revocation';
import { FeedError } from './feed-events.js';

/** What a token says of itself. Absent handles can't be hit. */
export interface Handles {
  readonly jti?: string | undefined;
  readonly sid?: string | undefined;
  readonly gid?: string | undefined;
  readonly kid?: string | undefined;
}

export interface CopyLimits {
  /** Of fingerprints, and of generations. Twice what the server was measured with, some 500 MB: a feed that says more has lost its mind. */
  readonly entries: number;
  /** Different times to file under. A server keeps four or five, and each is one more place for a look-up to ask. */
  readonly slots: number;
}

export const LIMITS: CopyLimits = { entries: 25_000_000, slots: 16 };
const ENDED = ['session', 'grant', 'token', 'key'] as const;
type Ended = (typeof ENDED)[number];
/** As the server keeps it: few slices to ask, none much longer than needed. */
const SLICES = 2;

/** What has ended, as fingerprints, for as long as a token of it may live. Only added to, and bounded whatever a feed says. */
export class EndedIds {
  private ended: Record<Ended, ExpiringIds>;
  private readonly slots = new Set<number>();

  constructor(
    private horizonMs: number,
    private readonly limits: CopyLimits,
  ) {
    this.ended = emptyFor(horizonMs);
  }

  get horizon(): number {
    return this.horizonMs;
  }

  /** True when any of it is news. A kind that isn't known is passed over. */
  add(kind: string, at: number, fingerprints: Uint8Array): boolean {
    const prints = unpacked(fingerprints);
    if (!prints) throw new FeedError(`${fingerprints.byteLength} bytes are no fingerprints`);
    const known = ENDED.find((name) => name === kind);
    if (!known) return false;
    this.slots.add(this.slotOf(at));
    if (this.slots.size > this.limits.slots) throw new FeedError('entries of too many times');
    if (this.size + prints.length > this.limits.entries) throw new FeedError(`more than ${this.limits.entries} entries`);
    let news = false;
    for (const print of prints) news = this.ended[known].addFingerprint(print, at) || news;
    return news;
  }

  has({ sid, gid, jti, kid }: Handles): boolean {
    const { session, grant, token, key } = this.ended;
    return (
      (sid !== undefined && session.has(sid)) ||
      (gid !== undefined && grant.has(gid)) ||
      (jti !== undefined && token.has(jti)) ||
      (kid !== undefined && key.has(kid))
    );
  }

  /** What no token can need at this time of the owner's clock. */
  expire(now: number): void {
    const before = now - this.horizonMs;
    for (const kind of ENDED) this.ended[kind].expire(before);
    for (const slot of this.slots) if (slot < this.slotOf(before)) this.slots.delete(slot);
  }

  empty(horizonMs: number): void {
    this.horizonMs = horizonMs;
    this.ended = emptyFor(horizonMs);
    this.slots.clear();
  }

  get size(): number {
    return ENDED.reduce((sum, kind) => sum + this.ended[kind].size, 0);
  }

  private slotOf(at: number): number {
    return Math.floor(at / (this.horizonMs / SLICES));
  }
}

function emptyFor(horizonMs: number): Record<Ended, ExpiringIds> {
  const ids = () => new ExpiringIds(horizonMs / SLICES);
  return { session: ids(), grant: ids(), token: ids(), key: ids() };
}
