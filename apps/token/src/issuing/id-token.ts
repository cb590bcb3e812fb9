import { createHash } from 'node:crypto';
import { isSigningAlg, type SigningAlg, signJwt } from '#libs/keys';
import { oauthError } from '#libs/protocol';
import type { KeyService } from '../keys/key-service.js';
import type { Authentication, Issuance } from './issuance.js';

/**
 * OIDC Core §2, §3.1.3.6; refreshed ones §12.2: same `iss`, `sub`, `aud`, the original `auth_time`, no `nonce`. `sid` also for offline grants:
 * the session's end is told by logout token to every participant.
 */
export async function mintIdToken(
  keys: KeyService,
  issuer: string,
  { client, times }: Issuance,
  authentication: Authentication,
  accessToken: string,
): Promise<string> {
  const alg = client.metadata.id_token_signed_response_alg;
  if (!isSigningAlg(alg)) throw oauthError('unauthorized_client', { detail: `ID tokens signed with ${alg}` });
  const claims = {
    iss: issuer,
    sub: authentication.sub,
    aud: client.client_id,
    iat: times.iat,
    exp: times.iat + client.settings.id_token_ttl,
    auth_time: Math.floor(authentication.authTime / 1_000),
    amr: authentication.amr,
    sid: authentication.sid,
    at_hash: accessTokenHash(accessToken, alg),
    ...(authentication.acr === null ? {} : { acr: authentication.acr }),
    ...(authentication.nonce === null ? {} : { nonce: authentication.nonce }),
  };
  return signJwt(await keys.signingKeyFor(alg), { typ: 'JWT' }, claims);
}

/** OIDC Core §3.1.3.6: the left half of the hash that the signature's algorithm uses; Ed25519 hashes with SHA-512 (RFC 8032 §5.1). */
export function accessTokenHash(accessToken: string, alg: SigningAlg): string {
  const digest = createHash(alg === 'EdDSA' ? 'sha512' : 'sha256')
    .update(accessToken, 'ascii')
    .digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
}
