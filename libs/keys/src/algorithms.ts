import { constants, type SigningOptions } from 'node:crypto';

/** What we sign with (RFC 7518 §3.1, RFC 8037 §3.1). `none` and the HMAC family are not in the list and never will be. */
export const SIGNING_ALGS = ['ES256', 'RS256', 'PS256', 'EdDSA'] as const;
export type SigningAlg = (typeof SIGNING_ALGS)[number];

export function isSigningAlg(value: unknown): value is SigningAlg {
  return SIGNING_ALGS.includes(value as SigningAlg);
}

export interface Algorithm {
  readonly kty: 'EC' | 'RSA' | 'OKP';
  readonly crv?: 'P-256' | 'Ed25519';
  /** null: the algorithm hashes by itself (EdDSA). */
  readonly hash: 'sha256' | null;
  readonly options: SigningOptions;
}

export const ALGORITHMS: Record<SigningAlg, Algorithm> = {
  // JOSE wants r||s (RFC 7518 §3.4), OpenSSL's default is DER
  ES256: { kty: 'EC', crv: 'P-256', hash: 'sha256', options: { dsaEncoding: 'ieee-p1363' } },
  RS256: { kty: 'RSA', hash: 'sha256', options: { padding: constants.RSA_PKCS1_PADDING } },
  PS256: {
    kty: 'RSA',
    hash: 'sha256',
    options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  },
  EdDSA: { kty: 'OKP', crv: 'Ed25519', hash: null, options: {} },
};
