import type { Tx } from '#libs/database';
import { CLOCK } from '../grants/grant.store.js';

/** No code lives longer than `code_ttl` may be set to, ten minutes; older rows need not be looked at. */
const YOUNG = "interval '11 minutes'";

/** All that are given must fit; an offline grant does not hang from its session. */
export interface CodesOf {
  readonly client_id?: string | undefined;
  readonly sub?: string | undefined;
  readonly sid?: string | undefined;
}

/**
 * Race 19 for a client that is cut off: a code that is out, or being exchanged, would become a grant after "revoked" was said. Before the grants
 * are looked for: an exchange that has consumed its code is waited for here, and its grant seen by the next statement.
 */
export async function voidCodes(tx: Tx, by: CodesOf): Promise<void> {
  await tx.query(
    `UPDATE authorization_codes a SET expires_at = LEAST(a.expires_at, c.now) FROM ${CLOCK}
     WHERE a.created_at > c.now - ${YOUNG} AND a.consumed_at IS NULL
       AND ($1::text IS NULL OR a.contents->>'client_id' = $1) AND ($2::text IS NULL OR a.contents->>'sub' = $2)
       AND ($3::text IS NULL OR (a.contents->>'sid' = $3 AND a.contents->>'access_mode' <> 'offline'))`,
    [by.client_id ?? null, by.sub ?? null, by.sid ?? null],
  );
}
