/** A user as the rest of auth sees one: without the password's hash. */
export interface User {
  readonly sub: string;
  readonly username: string;
  readonly gen: number;
  readonly disabled: boolean;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly roles: readonly string[];
  /** Milliseconds, database clock; OIDC's `updated_at` where the claims don't say. */
  readonly updatedAt: number;
}
