import type { Tx } from '#libs/database';
import { CLOCK } from '../grants/grant.store.js';

/** No code lives longer than `code_ttl` may be set to, ten minutes; older rows need not be looked at. */
const YOUNG = "interval '11 minutes'";

/**
 * Race 19 for a client that is cut off: a code that is out, or being exchanged, would become a grant after "revoked" was said. Before the grants
 * are looked for: an exchange that has consumed its code is waited for here, and its grant seen by the next statement.
 */
export async function voidCodes(tx: Tx, by: { sub: string; client_id: string } | { sid: string; client_id: string }): Promise<void> {
  const [member, value] = 'sub' in by ? ['sub', by.sub] : ['sid', by.sid];
  await tx.query(
    `UPDATE authorization_codes a SET expires_at = LEAST(a.expires_at, c.now) FROM ${CLOCK}
     WHERE a.created_at > c.now - ${YOUNG} AND a.consumed_at IS NULL
       AND a.contents->>'client_id' = $1 AND a.contents->>'${member}' = $2
       ${member === 'sid' ? "AND a.contents->>'access_mode' <> 'offline'" : ''}`,
    [by.client_id, value],
  );
}
