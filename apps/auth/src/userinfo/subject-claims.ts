/**
 * userinfo/ owns the UserInfo endpoint (OpenID Connect Core §5.3): a resource server of our own. It reads tokens, the revocation view
 * and people; it writes nothing and takes no cookie. Clients call it with an access token of scope openid.
 */

/** What userinfo needs to know of a person: the users store answers. */
export interface Subject {
  readonly gen: number;
  readonly disabled: boolean;
  readonly claims: Readonly<Record<string, unknown>>;
}

export abstract class SubjectClaims {
  /** null: nobody has that `sub`. */
  abstract claimsOf(sub: string): Promise<Subject | null>;
}
