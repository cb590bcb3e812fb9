import type { Tx } from '#libs/database';

export interface Raised {
  readonly id: string;
  readonly gen: number;
}

/**
 * What was issued after the copy was made carries generations that the copy has never seen. Nobody is disabled, or changes a password, a
 * million times between a backup and its restore. The column holds two thousand such jumps.
 */
const JUMP = 1_000_000;
const BATCH = 1_000;
const ID = { subject: 'sub', client: 'client_id' } as const;

/** Every row of one table, batch after batch within the one transaction, so that a million users are never in memory together. */
export async function raiseAll(tx: Tx, table: 'subject' | 'client', each: (rows: Raised[]) => Promise<void>): Promise<number> {
  const id = ID[table];
  let count = 0;
  for (let after = ''; ; ) {
    const { rows } = await tx.query<Raised>(
      `WITH batch AS (SELECT ${id} FROM ${table} WHERE ${id} > $1 ORDER BY ${id} LIMIT ${BATCH} FOR UPDATE),
         raised AS (UPDATE ${table} t SET gen = gen + ${JUMP}, updated_at = lanyard.now() FROM batch WHERE t.${id} = batch.${id}
                    RETURNING t.${id} AS id, t.gen)
       SELECT id, gen FROM raised ORDER BY id`,
      [after],
    );
    const last = rows.at(-1);
    if (!last) return count;
    await each(rows);
    count += rows.length;
    after = last.id;
  }
}
