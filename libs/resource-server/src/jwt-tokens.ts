import { badToken } from './bearer-error.js';
import type { IssuerKeys, MissingKey } from './issuer-keys.js';
import { type KnownToken, knownToken } from './known-token.js';
import { Remembered } from './remembered.js';

export interface VerifiedToken extends KnownToken {
  readonly gen: readonly [subject: number, client: number];
}

/**
 * RFC 9068 tokens: form, signature and type, by the server's keys. What a token says is a function of the token and its key, so it is remembered for as
 * long as all the keys stay; whether it may be used never is.
 */
export class JwtTokens {
  private readonly verified = new Remembered<VerifiedToken>();
  private keys = Number.NaN;

  constructor(private readonly issuer: IssuerKeys) {}

  /** What is remembered of it. */
  known(name: string): VerifiedToken | undefined {
    const keys = this.issuer.now();
    if (keys !== this.keys) {
      this.verified.clear();
      this.keys = keys;
    }
    return this.verified.get(name);
  }

  /** Throws what is wrong with it. Asked when `known` has nothing. */
  async verify(name: string, text: string): Promise<VerifiedToken | MissingKey> {
    const { keys } = this;
    const verification = await this.issuer.verify(text);
    if (verification === null) throw badToken('the token does not verify');
    if ('missing' in verification) return verification;
    const { header, claims } = verification;
    const known = header.kid === undefined ? null : knownToken(claims, header.kid);
    if (!known) throw badToken('the token lacks what every access token has');
    const gen = generations(claims.gen);
    if (!gen) throw badToken('the token has no generations');
    const token: VerifiedToken = { ...known, gen };
    // A key that left meanwhile may be the one that it was verified with.
    if (keys === this.issuer.now()) this.verified.set(name, token, text.length);
    return token;
  }

  get size(): number {
    return this.verified.size;
  }
}

function generations(gen: unknown): [subject: number, client: number] | null {
  if (!Array.isArray(gen) || gen.length !== 2) return null;
  const [subject, client] = gen as unknown[];
  return isGeneration(subject) && isGeneration(client) ? [subject, client] : null;
}

function isGeneration(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
