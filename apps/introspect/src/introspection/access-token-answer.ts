import type { AccessTokenClaims } from '#libs/protocol';

export type IntrospectionAnswer = { readonly active: false } | ({ readonly active: true } & Readonly<Record<string, unknown>>);

/** RFC 7662 §2.2: for whatever reason, nothing more. */
export const INACTIVE: IntrospectionAnswer = { active: false };

/** RFC 7662 §2.2, and the handles a resource server drops its cached answers by (`sid`, `gid`, `jti`). Generations stay inside. */
export function accessTokenAnswer(claims: AccessTokenClaims): IntrospectionAnswer {
  const { iss, sub, aud, client_id, scope, iat, nbf, exp, jti, sid, gid, auth_time, acr, amr, username, cnf } = claims;
  // RFC 9449 §6.2: bound to a DPoP key it is of that type
  const token_type = cnf?.jkt === undefined ? 'Bearer' : 'DPoP';
  return { active: true, token_type, scope, client_id, username, sub, aud, iss, exp, iat, nbf, jti, sid, gid, auth_time, acr, amr, cnf };
}
