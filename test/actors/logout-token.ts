import { createLocalJWKSet, type JWTPayload, jwtVerify } from 'jose';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** OIDC Back-Channel Logout 1.0 §2.6, every step a relying party must take; throws on the first that fails. */
export async function verifyLogoutToken(
  token: string,
  expected: { issuer: string; clientId: string; jwksUri: string },
): Promise<JWTPayload> {
  const jwks = (await (await fetch(expected.jwksUri)).json()) as Parameters<typeof createLocalJWKSet>[0];
  const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(jwks), {
    issuer: expected.issuer,
    audience: expected.clientId,
    typ: 'logout+jwt',
    requiredClaims: ['iat', 'exp', 'jti', 'events'],
    algorithms: ['RS256'],
  });
  const { events, iat = 0, exp = 0, sid, sub } = payload;
  if (JSON.stringify(events) !== JSON.stringify({ [EVENT]: {} })) throw new Error(`events: ${JSON.stringify(events)}`);
  if ('nonce' in payload) throw new Error('a nonce is forbidden');
  if (typeof sid !== 'string' && typeof sub !== 'string') throw new Error('neither sid nor sub');
  if (exp - iat > 120) throw new Error(`lives ${exp - iat} s, more than two minutes`);
  if (protectedHeader.alg === 'none') throw new Error('unsigned');
  return payload;
}
