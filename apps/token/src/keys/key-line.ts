import type { SigningAlg } from '#libs/keys';

export const KEY_PURPOSES = ['signing', 'sealing', 'refresh_mac'] as const;
export type KeyPurpose = (typeof KEY_PURPOSES)[number];

/** Keys that follow one another for one purpose and algorithm. Its row is the lock that gives a rotation one winner. */
export interface KeyLine {
  readonly line: string;
  readonly purpose: KeyPurpose;
  readonly alg: string;
}

export function signingLine(alg: SigningAlg): KeyLine {
  return { line: `signing:${alg}`, purpose: 'signing', alg };
}

export const SEALING_LINE: KeyLine = { line: 'sealing', purpose: 'sealing', alg: 'A256GCM' };
export const REFRESH_MAC_LINE: KeyLine = { line: 'refresh_mac', purpose: 'refresh_mac', alg: 'HS256' };

/** There from the first day: ES256 is our default for access tokens, RS256 the registration default for ID tokens. */
export const FIRST_LINES: readonly KeyLine[] = [signingLine('ES256'), signingLine('RS256'), SEALING_LINE, REFRESH_MAC_LINE];
