import type { SourceName } from '#libs/contracts';
import type { Database } from '#libs/database';
import type { DeadReason, GroupRecord } from './delivery-rules.js';

export interface PositionId {
  source: SourceName;
  stream: 'events';
  partition: number;
}

/** What an instance goes on from. `epoch`: of the database that said so. */
export interface Held {
  position: number;
  epoch: string;
}

/** By the database's clock. Longer than a pause for breath, short enough that a killed instance is soon replaced. */
export const LEASE_MS = 5_000;
const LEASE = `lanyard.now() + interval '${LEASE_MS} milliseconds'`;

/**
 * How far the service is, and which instance goes on. The lease keeps competing instances from doing the same work; it is not what makes
 * handlers safe: a holder that was paused may wake and finish its event beside its successor, which `handleOnce` settles.
 */
export class PositionStore {
  constructor(
    private readonly db: Database,
    private readonly holder: string,
  ) {}

  async create(id: PositionId): Promise<void> {
    await this.db.query('INSERT INTO log_position (source, stream, partition) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', idOf(id));
  }

  /** The position to go on from; null: another instance holds it. */
  async acquire(id: PositionId): Promise<Held | null> {
    const { rows } = await this.db.query<{ position: number; epoch: string }>(
      `UPDATE log_position SET holder = $4, lease_until = ${LEASE}
       WHERE source = $1 AND stream = $2 AND partition = $3 AND (holder IS NULL OR holder = $4 OR lease_until < lanyard.now()) RETURNING position, log_epoch() AS epoch`,
      [...idOf(id), this.holder],
    );
    return rows[0] ? { position: Number(rows[0].position), epoch: rows[0].epoch } : null;
  }

  /**
   * Moves the position up and renews. False: the lease was lost, and what follows is the new holder's; or this is another database than the one that
   * gave the position, and may give the same numbers to other events.
   */
  async commit(id: PositionId, { position, epoch }: Held): Promise<boolean> {
    const { affected } = await this.db.query(
      `UPDATE log_position SET position = greatest(position, $5), lease_until = ${LEASE}
       WHERE source = $1 AND stream = $2 AND partition = $3 AND holder = $4 AND log_epoch() = $6`,
      [...idOf(id), this.holder, position, epoch],
    );
    return affected > 0;
  }

  /** Of every partition, whoever holds it. */
  async all(source: SourceName): Promise<ReadonlyMap<number, number>> {
    const { rows } = await this.db.query<{ partition: number; position: number }>(
      "SELECT partition, position FROM log_position WHERE source = $1 AND stream = 'events'",
      [source],
    );
    return new Map(rows.map(({ partition, position }) => [partition, Number(position)]));
  }

  async release(id: PositionId): Promise<void> {
    await this.db.query(
      'UPDATE log_position SET holder = NULL, lease_until = NULL WHERE source = $1 AND stream = $2 AND partition = $3 AND holder = $4',
      [...idOf(id), this.holder],
    );
  }

  /** Kept whole, with the reason. A second time for the same number changes nothing: the first reason stands. */
  async bury(
    id: PositionId,
    record: Partial<GroupRecord> & { pseq: number },
    reason: DeadReason,
    error: string,
    tries: number,
  ): Promise<void> {
    await this.db.query(
      `INSERT INTO dead_letter (source, stream, partition, pseq, event_id, key, name, version, body, recorded_at, reason, error, tries, at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, lanyard.from_ms($10), $11, $12, $13, lanyard.now()) ON CONFLICT DO NOTHING`,
      [
        ...idOf(id),
        record.pseq,
        record.event_id,
        record.key,
        record.name,
        record.version,
        record.body === undefined ? null : JSON.stringify(record.body),
        record.recorded_at,
        reason,
        error.slice(0, 2_000),
        tries,
      ],
    );
  }
}

function idOf(id: PositionId): [string, string, number] {
  return [id.source, id.stream, id.partition];
}
