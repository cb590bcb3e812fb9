import type { Sql, Tx } from '#libs/database';

/**
 * Race 19 with a code: consent is taken back while a code given under it is out, is being exchanged, or is only about to be issued by an
 * authorization that had read the consent before. Revoking grants finds none of these. So the withdrawal is kept, and the lock makes
 * either the exchange see it, or the withdrawal see the grant.
 */
const LOCKED = "hashtextextended('consent ' || $1, 0)";

/** Before the grants of the consent are looked for, in the same transaction. */
export async function withdrawConsent(tx: Tx, consentId: string): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock(${LOCKED})`, [consentId]);
  await tx.query(
    'INSERT INTO withdrawn_consents (consent_id, withdrawn_at) VALUES ($1, lanyard.now()) ON CONFLICT (consent_id) DO NOTHING',
    [consentId],
  );
}

/** In the transaction that makes a grant. Two statements: the second must see what committed while the first waited. */
export async function consentStands(tx: Tx, consentId: string): Promise<boolean> {
  await tx.query(`SELECT pg_advisory_xact_lock_shared(${LOCKED})`, [consentId]);
  const { rows } = await tx.query('SELECT 1 FROM withdrawn_consents WHERE consent_id = $1', [consentId]);
  return rows.length === 0;
}

/** No code lives for ten minutes; a day is generous. */
export async function deleteOldWithdrawals(sql: Sql, batch: number): Promise<number> {
  const { affected } = await sql.query(
    `DELETE FROM withdrawn_consents WHERE consent_id = ANY (ARRAY(
       SELECT consent_id FROM withdrawn_consents
       WHERE withdrawn_at < (SELECT lanyard.now()) - interval '24 hours' ORDER BY withdrawn_at LIMIT $1 FOR UPDATE SKIP LOCKED))`,
    [batch],
  );
  return affected;
}
