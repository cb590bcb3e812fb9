/** Back-Channel Logout 1.0 §2.4; §4: at most two minutes ahead. `iss` and `typ` are the signer's to set. */
const LIFETIME_S = 120;
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

export interface LogoutNotice {
  sid: string;
  sub: string;
  client_id: string;
  /** New with every attempt: a receiver that remembers `jti` must not take a retry for a replay (race 9). */
  jti: string;
  /** Milliseconds, database clock. */
  now: number;
}

/** No `nonce`, ever: it is what tells a logout token from an ID token (§2.4). */
export function logoutTokenClaims({ sid, sub, client_id, jti, now }: LogoutNotice): Record<string, unknown> {
  const iat = Math.floor(now / 1000);
  return { aud: client_id, iat, exp: iat + LIFETIME_S, jti, sub, sid, events: { [EVENT]: {} } };
}
