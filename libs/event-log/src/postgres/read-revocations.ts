import { revocationEntry, type SourceName } from '#libs/contracts';
import type { LogRecord, ReadPlan, ReadResult } from '../broadcast/reader-state.js';
import { schemaOf } from '../partitions.js';
import type { LogQueries } from './log-connection.js';

interface Row {
  partition: number;
  last_pseq: string;
  pseq: string | null;
  key: string | null;
  name: string;
  version: number;
  body: Record<string, unknown>;
  at: string;
}

const COLUMNS = 'o.pseq, o.key, o.name, o.version, o.body, lanyard.ms(o.created_at) AS at';
const KNOWN_VERSION = 1;

/**
 * Over the connection that brought the ticket, numbered `over`: else the ticket could be of one epoch and the rows of a copy put in its place.
 * One statement, so that the rows and each partition's last number come from one snapshot. No LIMIT: half an answer proves
 * nothing.
 */
export async function readRevocations(connection: LogQueries, source: SourceName, plan: ReadPlan, over: number): Promise<ReadResult> {
  const s = schemaOf(source);
  const of = `${s}.outbox o WHERE o.stream = 'revocations' AND o.partition = p.partition`;
  const numbered =
    plan.read === 'after' ? 'o.pseq > coalesce(w.position, 0)' : 'o.pseq IS NOT NULL AND o.created_at >= lanyard.from_ms($1)';
  const positions = plan.read === 'after' ? 'LEFT JOIN unnest($1::int[], $2::bigint[]) AS w(partition, position) USING (partition)' : '';
  const rows = await connection.query<Row>(
    `SELECT p.partition, p.last_pseq, r.* FROM ${s}.outbox_partition p ${positions} LEFT JOIN LATERAL (
       SELECT ${COLUMNS} FROM ${of} AND ${numbered} UNION ALL SELECT ${COLUMNS} FROM ${of} AND o.pseq IS NULL
     ) r ON true WHERE p.stream = 'revocations'`,
    plan.read === 'after' ? [[...plan.positions.keys()], [...plan.positions.values()]] : [Math.floor(plan.since)],
    over,
  );
  return {
    records: rows.filter((row) => row.key !== null).map(toRecord),
    lastNumbers: new Map(rows.map((row) => [row.partition, Number(row.last_pseq)])),
  };
}

function toRecord(row: Row): LogRecord {
  const at = Number(row.at);
  const parsed = row.version === KNOWN_VERSION ? revocationEntry.safeParse({ ...row.body, kind: row.name, id: row.key, at }) : null;
  return { partition: row.partition, pseq: row.pseq === null ? null : Number(row.pseq), at, entry: parsed?.success ? parsed.data : null };
}
