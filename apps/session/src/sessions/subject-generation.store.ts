import type { Tx } from '#libs/database';

/**
 * Raises what this service knows of a subject's generation and holds that row until the commit; answers the highest known. Taken before
 * any session row (lock order user → session). The race (10, 17): a login that read the user before it was disabled would start a
 * session after the disabling ended all of them. With this lock one of the two comes first: either the mass end finds the new session,
 * or the sign-in finds the higher generation and is refused.
 */
export async function claimGeneration(tx: Tx, sub: string, gen: number): Promise<number> {
  const { rows } = await tx.query<{ gen: number }>(
    `INSERT INTO subject_generation AS known (sub, gen) VALUES ($1, $2)
     ON CONFLICT (sub) DO UPDATE SET gen = GREATEST(known.gen, excluded.gen) RETURNING gen`,
    [sub, gen],
  );
  return rows[0]?.gen ?? gen;
}

/**
 * The session from which its user changed the password goes on under the new generation. Only from the one just before: what an earlier
 * change was to end is not carried over it. The caller holds the subject's row, so no login comes between.
 */
export async function keepThrough(tx: Tx, { sub, gen, sid }: { sub: string; gen: number; sid: string }): Promise<void> {
  await tx.query("UPDATE session SET subject_gen = $3 WHERE sid = $1 AND sub = $2 AND state = 'active' AND subject_gen = $3 - 1", [
    sid,
    sub,
    gen,
  ]);
}
