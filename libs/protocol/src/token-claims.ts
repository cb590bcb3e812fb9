/** The claims of an access token, sealed or signed (RFC 9068 §2.2, and ours: sid, gid, gen). Times in seconds. */
export interface AccessTokenClaims {
  iss: string;
  sub: string;
  aud: string | string[];
  client_id: string;
  scope: string;
  iat: number;
  exp: number;
  /** RFC 7519 §4.1.5: not to be accepted before. We mint none; what says it is held to it. */
  nbf?: number;
  jti: string;
  /** Online tokens only: an offline token must not be hit by its session's entry. */
  sid?: string;
  gid?: string;
  /** Generations of subject and client when it was issued; an entry refuses every lower one. */
  gen: [subject: number, client: number];
  auth_time?: number;
  acr?: string;
  amr?: string[];
  username?: string;
  /** RFC 7800: the key that its bearer must prove to have (DPoP, mTLS). Such a token is none that anybody may bear. */
  cnf?: Readonly<Record<string, unknown>>;
}

/** What secret scanners look for; also keeps one kind of secret from being taken for another. */
export const PREFIX = {
  accessToken: 'lanyard_at_',
  refreshToken: 'lanyard_rt_',
  code: 'lanyard_ac_',
  sessionCookie: 'lanyard_sc_',
  interaction: 'lanyard_ih_',
} as const;
