import type { SealingKey } from './sealing-key.js';

/** Sealing keys at one moment. Immutable: a new read of the keys makes a new ring. */
export class SealingKeyring {
  static readonly EMPTY = new SealingKeyring([]);
  private readonly byKid = new Map<string, SealingKey>();
  private readonly byHeader = new Map<string, SealingKey>();

  constructor(readonly keys: readonly SealingKey[]) {
    for (const key of keys) {
      this.byKid.set(key.kid, key);
      this.byHeader.set(key.header, key);
    }
  }

  /** The key that seals now; null before the first. Pending keys open but don't seal, so that all holders have them first. */
  active(): SealingKey | null {
    return this.keys.find((key) => key.state === 'active') ?? null;
  }

  get(kid: string): SealingKey | undefined {
    return this.byKid.get(kid);
  }

  /** By the whole header text: one look-up instead of a decode and a parse for each token. */
  getByHeader(header: string): SealingKey | undefined {
    return this.byHeader.get(header);
  }
}
