interface Entry<T> {
  /** All of it: what is looked up by is not. */
  readonly token: string;
  readonly value: T;
  readonly weight: number;
}

/** The end of a token is the end of its tag or signature, which no two share. Hashing all of a string costs as much as finding it. */
const KEY_LENGTH = 24;

/** Characters of tokens and values in one generation: some 25,000 of the usual size. Two generations are held at most. */
const MAX_WEIGHT = 32 * 1024 * 1024;

/**
 * What was made of tokens that opened: a pure function of the token and the keys, so it holds nothing that a revocation could change
 * (docs/decisions/0029). It is emptied whenever the keys change. Two generations bound it without bookkeeping on a hit: what nobody asks for
 * while one fills is gone. Only tokens that opened may be put in: garbage takes no place and pushes nothing out.
 */
export class OpenedTokens<T> {
  private young = new Map<string, Entry<T>>();
  private old = new Map<string, Entry<T>>();
  private weight = 0;
  private keys: number | null = null;

  constructor(private readonly maxWeight = MAX_WEIGHT) {}

  /** `keys`: the number of the keys as they are now (`AccessTokenReader.keysNow`). */
  get(token: string, keys: number): T | undefined {
    if (keys !== this.keys) this.empty(keys);
    const key = keyOf(token);
    const young = this.young.get(key);
    if (young) return young.token === token ? young.value : undefined;
    const old = this.old.get(key);
    if (old?.token !== token) return undefined;
    this.keep(old);
    return old.value;
  }

  /** `keys`: as they were before the token was opened; if they changed meanwhile it is not kept. `weight`: the value's, in characters. */
  put(token: string, value: T, weight: number, keys: number): void {
    if (keys !== this.keys) return;
    // a copy of its own: a slice of the form that it came in would keep the whole form
    const copy = Buffer.from(token, 'latin1').toString('latin1');
    this.keep({ token: copy, value, weight: token.length + weight });
  }

  get size(): number {
    return this.young.size + this.old.size;
  }

  private keep(entry: Entry<T>): void {
    this.weight += entry.weight;
    if (this.weight > this.maxWeight) {
      this.old = this.young;
      this.young = new Map();
      this.weight = entry.weight;
    }
    this.young.set(keyOf(entry.token), entry);
  }

  private empty(keys: number): void {
    this.keys = keys;
    this.young = new Map();
    this.old = new Map();
    this.weight = 0;
  }
}

function keyOf(token: string): string {
  return token.slice(-KEY_LENGTH);
}
