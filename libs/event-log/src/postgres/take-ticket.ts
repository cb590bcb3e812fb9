import type { SourceName } from '#libs/contracts';
import type { Ticket } from '../broadcast/reader-state.js';
import { schemaOf } from '../partitions.js';
import type { LogQueries } from './log-connection.js';

/** A statement of its own: the snapshot that reads rows must be younger than the ticket. A standby refuses it, so only a primary proves. */
export async function takeTicket(connection: LogQueries, source: SourceName): Promise<Ticket> {
  const rows = await connection.query<{ ticket: string; epoch: string; db_time_ms: string; unpassed_since_ms: string }>(
    `SELECT ticket, epoch, db_time_ms, unpassed_since_ms FROM ${schemaOf(source)}.take_ticket()`,
  );
  const row = rows[0];
  if (!row) throw new Error('no ticket');
  return { ticket: Number(row.ticket), epoch: row.epoch, dbTime: Number(row.db_time_ms), unpassedSince: Number(row.unpassed_since_ms) };
}
