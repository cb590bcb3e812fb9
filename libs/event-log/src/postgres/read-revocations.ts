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

/** Of a horizon: some ten milliseconds of work and a few megabytes, however many there are. */
const PAGE = 5_000;
const KNOWN_VERSION = 1;
const COLUMNS = 'o.pseq, o.key, o.name, o.version, o.body, lanyard.ms(o.created_at) AS at';
const UNNUMBERED = 'o.pseq IS NULL';
const of = (s: string) => `${s}.outbox o WHERE o.stream = 'revocations' AND o.partition = p.partition`;
const each = (s: string, rows: string) =>
  `SELECT p.partition, p.last_pseq, r.* FROM ${s}.outbox_partition p LEFT JOIN LATERAL (${rows}) r ON true WHERE p.stream = 'revocations'`;

export interface RevocationsRead {
  readonly connection: LogQueries;
  /** The number of the connection that brought the ticket: else the ticket could be of one epoch and the rows of a copy put in its place. */
  readonly over: number;
  /** Takes pages of a horizon as they come; the result lacks them, but for what could not be read. */
  readonly hand: (records: readonly LogRecord[]) => void;
}

/** What the plan asks for, and each partition's last number. All that was committed before the ticket was sent for is in it, or was handed. */
export function readRevocations(source: SourceName, plan: ReadPlan, read: RevocationsRead): Promise<ReadResult> {
  return plan.read === 'after' ? readAfter(source, plan.positions, read) : readSince(source, plan.since, read);
}

/**
 * What has a number after the position, up to the partition's last one, and what has none. The last numbers and the rows without one come from the first
 * statement's snapshot; a backlog's further pages are later than that, and lack nothing that had a number then. All of it or an error: half an
 * answer proves nothing.
 */
async function readAfter(source: SourceName, positions: ReadonlyMap<number, number>, read: RevocationsRead): Promise<ReadResult> {
  const s = schemaOf(source);
  const position = '(SELECT w.position FROM unnest($1::int[], $2::bigint[]) AS w(partition, position) WHERE w.partition = p.partition)';
  const after = `(SELECT ${COLUMNS} FROM ${of(s)} AND o.pseq > coalesce(${position}, 0) ORDER BY o.pseq LIMIT ${PAGE})`;
  const without = `SELECT ${COLUMNS} FROM ${of(s)} AND ${UNNUMBERED}`;
  const known = [[...positions.keys()], [...positions.values()]];
  const rows = await read.connection.query<Row>(each(s, `${after} UNION ALL ${without}`), known, read.over);
  const [records, lastNumbers] = [recordsOf(rows), lastNumbersOf(rows)];
  for (const [partition, last] of lastNumbers) {
    const numbers = records.flatMap((record) => (record.partition === partition && record.pseq !== null ? record.pseq : []));
    let page = numbers.length;
    let reached = Math.max(0, ...numbers);
    while (page === PAGE) {
      const more = await read.connection.query<Row>(
        `SELECT o.partition, ${COLUMNS} FROM ${s}.outbox o WHERE o.stream = 'revocations' AND o.partition = $1
         AND o.pseq > $2::bigint AND o.pseq <= $3::bigint ORDER BY o.pseq LIMIT ${PAGE}`,
        [partition, reached, last],
        read.over,
      );
      for (const record of recordsOf(more)) records.push(record);
      page = more.length;
      reached = records.at(-1)?.pseq ?? last;
    }
  }
  return { records, lastNumbers };
}

/**
 * A horizon may be ten million rows, so it comes in pages, each a snapshot of its own, later than the ticket. First the last numbers and the rows that
 * have none: what was committed before the ticket is in that, or has a number not above the last; then it is in the pages, because rows only come, and
 * only those from before the horizon go. What gets its number meanwhile is above the last, and is read next time.
 */
async function readSince(source: SourceName, since: number, { connection, over, hand }: RevocationsRead): Promise<ReadResult> {
  const s = schemaOf(source);
  const rows = await connection.query<Row>(each(s, `SELECT ${COLUMNS} FROM ${of(s)} AND ${UNNUMBERED}`), [], over);
  const lastNumbers = lastNumbersOf(rows);
  const unreadable: LogRecord[] = [];
  for (const partition of lastNumbers.keys()) {
    let [after, rowId] = [new Date(since).toISOString(), '0'];
    for (;;) {
      const page = await connection.query<Row & { created_at: string; row_id: string }>(
        `SELECT o.partition, ${COLUMNS}, o.created_at::text, o.row_id FROM ${s}.outbox o
         WHERE o.stream = 'revocations' AND o.partition = $1 AND o.pseq IS NOT NULL
         AND (o.created_at, o.row_id) > ($2::timestamptz, $3::bigint) ORDER BY o.created_at, o.row_id LIMIT ${PAGE}`,
        [partition, after, rowId],
        over,
      );
      const records = recordsOf(page);
      unreadable.push(...records.filter(({ entry }) => entry === null));
      hand(records);
      const last = page.at(-1);
      if (page.length < PAGE || !last) break;
      [after, rowId] = [last.created_at, last.row_id];
    }
  }
  return { records: [...recordsOf(rows), ...unreadable], lastNumbers };
}

function recordsOf(rows: readonly Row[]): LogRecord[] {
  return rows.filter((row) => row.key !== null).map(toRecord);
}

function lastNumbersOf(rows: readonly Row[]): ReadonlyMap<number, number> {
  return new Map(rows.map((row) => [row.partition, Number(row.last_pseq)]));
}

function toRecord(row: Row): LogRecord {
  const at = Number(row.at);
  const parsed = row.version === KNOWN_VERSION ? revocationEntry.safeParse({ ...row.body, kind: row.name, id: row.key, at }) : null;
  return { partition: row.partition, pseq: row.pseq === null ? null : Number(row.pseq), at, entry: parsed?.success ? parsed.data : null };
}
