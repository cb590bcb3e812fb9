import type { SourceName } from '#libs/contracts';
import type { GroupRecord } from '../group/delivery-rules.js';
import type { OutboxAnswer } from '../group/event-source.js';
import { schemaOf } from '../partitions.js';
import type { LogQueries } from './log-connection.js';

type Row = { epoch: string; last: string; swept: string; pseq: string | null; recorded_at: string } & Omit<
  GroupRecord,
  'pseq' | 'recorded_at'
>;

/** In order of numbers, with the epoch in which they were given; a LIMIT is safe here, because the position is a number of a gapless row and not a time or an id. */
export async function readEvents(
  connection: LogQueries,
  source: SourceName,
  partition: number,
  position: number,
  limit: number,
): Promise<OutboxAnswer> {
  const s = schemaOf(source);
  const rows = await connection.query<Row>(
    `SELECT p.last_pseq AS last, p.swept, epoch, o.pseq, o.event_id, o.key, o.name, o.version, o.body, lanyard.ms(o.created_at) AS recorded_at
     FROM ${s}.outbox_partition p CROSS JOIN ${s}.log_epoch() AS epoch LEFT JOIN LATERAL (
       SELECT * FROM ${s}.outbox o WHERE o.stream = p.stream AND o.partition = p.partition AND o.pseq > $2 ORDER BY o.pseq LIMIT $3) o ON true
     WHERE p.stream = 'events' AND p.partition = $1 ORDER BY o.pseq`,
    [partition, position, limit],
  );
  const records = rows.flatMap(({ last: _last, swept: _swept, epoch: _epoch, ...row }) =>
    row.pseq === null ? [] : [{ ...row, pseq: Number(row.pseq), recorded_at: Number(row.recorded_at) }],
  );
  const { epoch = '', last = 0, swept = 0 } = rows[0] ?? {};
  return { records, epoch, last: Number(last), swept: Number(swept) };
}
