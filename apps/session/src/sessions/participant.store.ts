import type { Tx } from '#libs/database';

/** Under a lock of the active session row only: see Truth.withParticipant. */
export async function recordParticipant(tx: Tx, sid: string, clientId: string): Promise<void> {
  await tx.query(
    'INSERT INTO participant (sid, client_id, joined_at) VALUES ($1, $2, lanyard.now()) ON CONFLICT (sid, client_id) DO NOTHING',
    [sid, clientId],
  );
}
