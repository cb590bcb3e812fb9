import type { SourceName } from '#libs/contracts';
import type { Database, Sql } from '#libs/database';
import { type Closed, closeDeadLetters } from './close-dead-letters.js';
import { type DeadLetter, LETTER_COLUMNS, type LetterRecorder, openLetter } from './dead-letter.js';
import type { GroupRecord } from './delivery-rules.js';

export interface Replayed {
  id: number;
  replayed: boolean;
  /** Why not. */
  error: string | null;
}

/** A transport that can hand one record to the service's handlers again. */
export interface Redelivery {
  redeliver(source: SourceName, partition: number, record: GroupRecord): Promise<void>;
}

type Row = DeadLetter & { version: number | null; body: unknown; recorded_at: number | null };

/**
 * What a group reader could not handle, for an operator: to look at, to hand to the handlers again once the cause is gone, and to close where
 * nothing is left to hand over. It changes no position: the reader is long past these.
 */
export class DeadLetters {
  constructor(
    private readonly db: Database,
    private readonly transport: Redelivery,
  ) {}

  /** The newest first; `before`: the last id of the page before; `open`: neither replayed nor closed, or one of them. */
  async list(
    { before, limit, open }: { before: number | null; limit: number; open?: boolean | undefined },
    sql: Sql = this.db,
  ): Promise<DeadLetter[]> {
    const { rows } = await sql.query<DeadLetter>(
      `SELECT ${LETTER_COLUMNS} FROM dead_letter WHERE ($1::bigint IS NULL OR id < $1) AND ($2::bool IS NULL OR (${openLetter()}) = $2)
       ORDER BY id DESC LIMIT $3`,
      [before, open ?? null, limit],
    );
    return rows;
  }

  /**
   * In the order in which they stood in the log; after a failure, nothing later of the same key. Handlers are idempotent, so a crash before the
   * mark only makes them run again. `record` writes the audit into the transaction that marks the letter. One that was closed is handed over like any other,
   * because it was named: it becomes a replayed one, and stays closed.
   */
  async replay(ids: readonly number[], record: LetterRecorder): Promise<Replayed[]> {
    const { rows } = await this.db.query<Row>(
      `SELECT ${LETTER_COLUMNS}, version, body, lanyard.ms(recorded_at) AS recorded_at FROM dead_letter WHERE id = ANY($1::bigint[])
       ORDER BY source, partition, pseq`,
      [ids],
    );
    return this.handOver(rows, record);
  }

  /**
   * The next page of all that wait and have an event. By id, because events of one key are given up on in their order; an earlier page's
   * letter that still waits holds the later ones of its key back; a closed one does not wait. `after`: where the next page begins, null when this was the last.
   */
  async replayAll(after: number, record: LetterRecorder, limit = PAGE): Promise<{ results: Replayed[]; after: number | null }> {
    const { rows } = await this.db.query<Row & { held: boolean }>(
      `SELECT ${LETTER_COLUMNS}, version, body, lanyard.ms(recorded_at) AS recorded_at,
         EXISTS (SELECT 1 FROM dead_letter e WHERE e.source = d.source AND e.key = d.key AND e.id <= $1
           AND e.event_id IS NOT NULL AND ${openLetter('e')}) AS held
       FROM dead_letter d WHERE ${openLetter('d')} AND event_id IS NOT NULL AND id > $1 ORDER BY id LIMIT $2`,
      [after, limit],
    );
    const held = rows.flatMap((row) => (row.held ? [keyOf(row)] : []));
    const results = await this.handOver(
      rows.map(({ held: _held, ...row }) => row),
      record,
      held,
    );
    return { results, after: rows.length < limit ? null : Number(rows.at(-1)?.id) };
  }

  /**
   * Those that no replay is to wait for; `reason`: one sentence of the operator's, kept with them. All in one transaction, with what `record` writes: a crash
   * closes none of them. One that is being replayed meanwhile may become both.
   */
  close(ids: readonly number[], reason: string, record: LetterRecorder): Promise<Closed[]> {
    return this.db.transaction((tx) => closeDeadLetters(tx, ids, reason, record));
  }

  private async handOver(rows: readonly Row[], record: LetterRecorder, heldBack: readonly string[] = []): Promise<Replayed[]> {
    const held = new Set(heldBack);
    const results: Replayed[] = [];
    for (const row of rows) {
      const key = keyOf(row);
      let error = unfit(row);
      if (error === null) {
        error = held.has(key) ? 'an earlier event of the same key was not handled' : await this.replayOne(row, record);
        if (error !== null) held.add(key);
      }
      results.push({ id: row.id, replayed: error === null, error });
    }
    return results;
  }

  private async replayOne(row: Row, record: LetterRecorder): Promise<string | null> {
    const { version, body, recorded_at, ...letter } = row;
    const { id, event_id, key, name, position: pseq } = letter;
    if (event_id === null || key === null || name === null) return NO_EVENT;
    try {
      await this.transport.redeliver(letter.source, letter.partition, {
        ...{ pseq, event_id, key, name, body },
        version: version ?? 1,
        recorded_at: recorded_at ?? 0,
      });
    } catch (error) {
      return error instanceof Error ? error.message.slice(0, 500) : 'the handler failed';
    }
    await this.db.transaction(async (tx) => {
      const marked = await tx.query('UPDATE dead_letter SET replayed_at = lanyard.now() WHERE id = $1 AND replayed_at IS NULL', [id]);
      if (marked.affected === 1) await record(tx, letter);
    });
    return null;
  }
}

const PAGE = 200;
const NO_EVENT = 'numbers without an event: there is nothing to hand over';

function keyOf({ source, key }: Row): string {
  return `${source} ${key}`;
}

function unfit(row: DeadLetter): string | null {
  if (row.replayed_at !== null) return 'replayed before';
  return row.event_id === null ? NO_EVENT : null;
}
