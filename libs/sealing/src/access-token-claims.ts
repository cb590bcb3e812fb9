import type { AccessTokenClaims } from '#libs/protocol';

/** `kid`: the key it was sealed or signed under, which may be revoked like the token itself. Ours, whatever the token says. */
export type OpenedAccessToken = AccessTokenClaims & { readonly kid: string };

const OPTIONAL: Readonly<Record<string, (value: unknown) => boolean>> = {
  sid: isText,
  gid: isText,
  acr: isText,
  username: isText,
  nbf: Number.isFinite,
  auth_time: Number.isFinite,
  amr: isTexts,
  cnf: isObject,
};

/**
 * Written out by hand because introspection runs it for every token: a schema library costs more than the decryption.
 * The token is authentic when this runs; it guards against another version's claims, not against an attacker.
 */
export function isAccessTokenClaims(value: unknown): value is AccessTokenClaims {
  if (typeof value !== 'object' || value === null) return false;
  const claims = value as Record<string, unknown>;
  if (!isText(claims.iss) || !isText(claims.sub) || !isText(claims.client_id) || !isText(claims.jti)) return false;
  if (typeof claims.scope !== 'string' || !(isText(claims.aud) || isTexts(claims.aud))) return false;
  if (!Number.isFinite(claims.iat) || !Number.isFinite(claims.exp) || !isGenerations(claims.gen)) return false;
  for (const name in OPTIONAL) {
    if (claims[name] !== undefined && !OPTIONAL[name]?.(claims[name])) return false;
  }
  return true;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isGenerations(value: unknown): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && Number.isSafeInteger(value[0]) && Number.isSafeInteger(value[1]);
}
