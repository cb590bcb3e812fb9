import type { Tx } from '#libs/database';
import { type DeadLetter, LETTER_COLUMNS, type LetterRecorder } from './dead-letter.js';

export interface Closed {
  id: number;
  /** By this call. */
  closed: boolean;
  /** Why not. */
  error: string | null;
}

/**
 * Takes letters off the list of those that wait: one without an event, which nobody can hand over, and one whose work was done by hand. One answer for
 * each number, in the order given. The rows are locked in the order of their ids before anything is decided: without that, two operators
 * would both close a letter, or wait for each other. All of it is `tx`: what is not audited is not closed.
 */
export async function closeDeadLetters(tx: Tx, ids: readonly number[], reason: string, record: LetterRecorder): Promise<Closed[]> {
  const asked = [...new Set(ids)];
  const { rows } = await tx.query<DeadLetter>(
    `SELECT ${LETTER_COLUMNS} FROM dead_letter WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE`,
    [asked],
  );
  const open = rows.filter((letter) => unclosable(letter) === null);
  await tx.query('UPDATE dead_letter SET closed_at = lanyard.now(), close_reason = $2 WHERE id = ANY($1::bigint[])', [
    open.map(({ id }) => id),
    reason,
  ]);
  for (const letter of open) await record(tx, letter);
  const letters = new Map(rows.map((letter) => [letter.id, letter]));
  return asked.map((id) => {
    const error = unclosable(letters.get(id));
    return { id, closed: error === null, error };
  });
}

function unclosable(letter: DeadLetter | undefined): string | null {
  if (!letter) return 'there is no such dead letter';
  if (letter.closed_at !== null) return 'closed before';
  return letter.replayed_at === null ? null : 'replayed before';
}
