import { decodeBase64url } from '#libs/keys';

const MAX_HEADER = 512;

/** The protected header exactly as we write it, base64url: the same text for every token of a key, so it is compared, not parsed. */
export function jweHeader(kid: string): string {
  return Buffer.from(JSON.stringify({ alg: 'dir', enc: 'A256GCM', typ: 'at+jwt', kid })).toString('base64url');
}

/**
 * The key id of a header written another way (by another library with our key). null: not `dir` + A256GCM + `at+jwt`, or it
 * asks for something else besides (`zip`, `crit`, an embedded key): only what we make is opened (RFC 7516 §4.1, RFC 8725 §3.1).
 */
export function kidOfHeader(header: string): string | null {
  if (header.length > MAX_HEADER) return null;
  const bytes = decodeBase64url(header);
  if (!bytes) return null;
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    const { alg, enc, typ, kid, ...more } = value as Record<string, unknown>;
    const ours = alg === 'dir' && enc === 'A256GCM' && typ === 'at+jwt' && Object.keys(more).length === 0;
    return ours && typeof kid === 'string' && kid !== '' ? kid : null;
  } catch {
    return null;
  }
}
