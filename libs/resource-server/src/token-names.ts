import { hash, randomBytes } from 'node:crypto';

/** Ours are below 2 KiB, and none is made that is longer than this. */
export const LONGEST_TOKEN = 16 * 1024;

/**
 * What a token is remembered under: a hash keyed for this process, so that a dump of what is remembered is no list of tokens, and nobody outside can
 * aim at a name. The key is one block of SHA-256 before the token; that such a hash can be continued harms nobody, since none leaves the process.
 */
export class TokenNames {
  private readonly key = randomBytes(32).toString('hex');

  of(text: string): string {
    return hash('sha256', this.key + text, 'binary');
  }

  /** The same for every spelling of it: to a JWT's signature by ES256 there is a second one that anybody can make of the first. */
  ofAnySpelling(text: string): string {
    const end = text.lastIndexOf('.');
    const isJwt = text.indexOf('.') !== end && text.indexOf('.', text.indexOf('.') + 1) === end;
    return this.of(isJwt ? text.slice(0, end) : text);
  }
}
