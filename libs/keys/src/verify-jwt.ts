import { verify } from 'node:crypto';
import { ALGORITHMS, isSigningAlg, type SigningAlg } from './algorithms.js';
import type { KeySet } from './key-set.js';
import { type JwtHeader, type ParsedJwt, parseJwt } from './parse-jwt.js';

export interface VerifyOptions {
  readonly keys: KeySet;
  /** What the verifier expects, from registration or policy; the token's `alg` must be in it (RFC 8725 §3.1). */
  readonly algs: readonly SigningAlg[];
  /** The one type accepted. Left out: an untyped JWT or `JWT`, so that no explicitly typed token passes as one (CVE-2023-0657). */
  readonly typ?: string;
}

export interface VerifiedJwt {
  readonly header: JwtHeader;
  readonly claims: Record<string, unknown>;
}

/**
 * Form, type, algorithm and signature. null for everything that is not right: what is wrong is nobody's business outside.
 * Times, issuer and audience are the caller's to judge: they differ by kind of token.
 */
export function verifyJwt(jwt: string, options: VerifyOptions): VerifiedJwt | null {
  const parsed = parseJwt(jwt);
  return parsed ? verifyParsed(parsed, options) : null;
}

export function verifyParsed(parsed: ParsedJwt, { keys, algs, typ }: VerifyOptions): VerifiedJwt | null {
  const { header, claims, signingInput, signature } = parsed;
  const alg = header.alg;
  if (!isSigningAlg(alg) || !algs.includes(alg) || !typeMatches(header.typ, typ)) return null;
  const { hash, options } = ALGORITHMS[alg];
  const data = Buffer.from(signingInput);
  const good = keys.candidates(header.kid, alg).some(({ key }) => verify(hash, data, { key, ...options }, signature));
  return good ? { header, claims } : null;
}

/** Media type names compare without case and with `application/` implied (RFC 7515 §4.1.9). */
function typeMatches(actual: string | undefined, wanted: string | undefined): boolean {
  const name = actual?.toLowerCase().replace(/^application\//, '');
  return wanted === undefined ? name === undefined || name === 'jwt' : name === wanted.toLowerCase();
}
