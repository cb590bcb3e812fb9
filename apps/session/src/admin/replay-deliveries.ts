import { Injectable } from '@nestjs/common';
import { type AdminInputOf, adminConflict, adminNotFound, type CallingClient } from '#libs/admin-api';
import { Database, type Tx } from '#libs/database';
import { recordAudit } from '../audit/record-audit.js';
import { DeliveryLoop } from '../backchannel/delivery-loop.js';
import { GIVE_UP_AFTER } from '../backchannel/write-deliveries.js';
import type { replayDeliveries } from './delivery-routes.js';

export type ReplayRequest = AdminInputOf<typeof replayDeliveries>['body'];

/** Dead logout deliveries become due again: a fresh logout token, another day of tries. The attempts before stay on record. */
@Injectable()
export class ReplayDeliveries {
  constructor(
    private readonly db: Database,
    private readonly deliveries: DeliveryLoop,
  ) {}

  async one(id: number, caller: CallingClient): Promise<{ delivery_id: number; state: 'pending' }> {
    await this.db.transaction(async (tx) => {
      const { rows } = await tx.query<{ state: string }>('SELECT state FROM delivery WHERE delivery_id = $1 FOR UPDATE', [id]);
      if (!rows[0]) throw adminNotFound('delivery');
      if (rows[0].state !== 'dead') throw adminConflict('The delivery is not dead: it is under way, or was settled.');
      await revive(tx, [id], caller);
    });
    this.deliveries.nudge();
    return { delivery_id: id, state: 'pending' };
  }

  async many(
    { delivery_ids, client_id, limit }: ReplayRequest,
    caller: CallingClient,
  ): Promise<{ replayed: number[]; remaining: boolean }> {
    const answer = await this.db.transaction(async (tx) => {
      const { rows } = await tx.query<{ delivery_id: number }>(
        `SELECT delivery_id FROM delivery WHERE state = 'dead' ${delivery_ids ? 'AND delivery_id = ANY($2::bigint[])' : client_id !== undefined ? 'AND client_id = $2' : ''}
         ORDER BY delivery_id LIMIT $1 FOR UPDATE SKIP LOCKED`,
        [limit + 1, ...(delivery_ids ? [delivery_ids] : client_id !== undefined ? [client_id] : [])],
      );
      const ids = rows.slice(0, limit).map(({ delivery_id }) => delivery_id);
      return { replayed: await revive(tx, ids, caller), remaining: rows.length > limit };
    });
    this.deliveries.nudge();
    return answer;
  }
}

/** The caller holds the rows. */
async function revive(tx: Tx, ids: readonly number[], { actor }: CallingClient): Promise<number[]> {
  if (ids.length === 0) return [];
  const { rows } = await tx.query<{ delivery_id: number; client_id: string }>(
    `UPDATE delivery d SET state = 'pending', due_at = c.now, give_up_at = c.now + interval '${GIVE_UP_AFTER}', finished_at = NULL, claim = NULL
     FROM (SELECT lanyard.now() AS now OFFSET 0) c WHERE d.delivery_id = ANY($1::bigint[]) AND d.state = 'dead' RETURNING d.delivery_id, d.client_id`,
    [ids],
  );
  const audited = rows.map(
    ({ delivery_id, client_id }) =>
      ({ actor, action: 'delivery.replayed', target: String(delivery_id), reason: 'admin', details: { client_id } }) as const,
  );
  await recordAudit(tx, audited);
  return rows.map(({ delivery_id }) => delivery_id).toSorted((a, b) => a - b);
}
