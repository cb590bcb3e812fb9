import type { Tx } from '#libs/database';

/** Longer than any outbox row lives (7 days), so that a forgotten id can't be delivered again. */
const REMEMBER = '8 days';

/**
 * Records the event in the handler's own transaction. False: it was handled already, so the handler must write nothing. Two deliveries at once
 * serialize on the row: the second waits for the first's commit and then sees it. Without this a handler runs once per delivery, and
 * a delivery is repeated whenever a process dies between its work and the position's commit.
 */
export async function handleOnce(tx: Tx, reader: string, eventId: string): Promise<boolean> {
  const { affected, rows } = await tx.query(
    'INSERT INTO handled_event (reader, event_id, handled_at) VALUES ($1, $2, lanyard.now()) ON CONFLICT DO NOTHING RETURNING event_id',
    [reader, eventId],
  );
  return Math.max(affected, rows.length) > 0;
}

export const FORGET_HANDLED = `DELETE FROM handled_event WHERE handled_at < lanyard.now() - interval '${REMEMBER}'`;
