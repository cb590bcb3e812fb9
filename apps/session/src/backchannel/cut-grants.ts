import { Injectable } from '@nestjs/common';
import { tokenApi } from '#libs/contracts';
import { Database, type Sql } from '#libs/database';
import { InternalClient } from '#libs/http';
import { askElsewhere } from './ask-elsewhere.js';
import type { ClaimedDelivery } from './claim-deliveries.js';
import { Settlements } from './settlements.js';

export interface GrantsCut {
  revoked: number;
  confirmed: boolean;
}

/**
 * The grants of a client that was cut out of a session. Revoked at once by whoever cut it, and before its notice is sent if that process died or the
 * token service was away: the order stands in the delivery's row. Once it is carried out it is not repeated, because the client may have
 * come back.
 */
@Injectable()
export class CutGrants {
  constructor(
    private readonly db: Database,
    private readonly internal: InternalClient,
    private readonly settlements: Settlements,
  ) {}

  async revoke({ delivery_id, sid, client_id }: Pick<ClaimedDelivery, 'delivery_id' | 'sid' | 'client_id'>): Promise<GrantsCut> {
    const answer = await this.ask(sid, client_id, await whoCut(this.db, sid, client_id));
    await this.db.query('UPDATE delivery SET grants_due = false WHERE delivery_id = $1 AND grants_due', [delivery_id]);
    return answer;
  }

  /** Without an order: a caller who lost the answer asks again whether it is true. Online grants only: offline ones survive any session. */
  ask(sid: string, clientId: string, actor: string): Promise<GrantsCut> {
    return this.internal.call(tokenApi.revokeGrants, { by: { sid, client_id: clientId }, reason: 'admin', actor });
  }

  /** False: the notice has to wait. Sent before the grants are dead it would bring the client back with them. */
  async before(delivery: ClaimedDelivery): Promise<boolean> {
    if (!delivery.grants_due) return true;
    const asked = await askElsewhere(() => this.revoke(delivery));
    if (!asked.answered) await this.settlements.postpone(delivery, `token: ${asked.reason}`);
    return asked.answered;
  }
}

/** The operator, from the row that the cut's own transaction wrote: also where the order is carried out by another process, later. */
async function whoCut(sql: Sql, sid: string, clientId: string): Promise<string> {
  const { rows } = await sql.query<{ actor: string }>(
    `SELECT actor FROM audit WHERE target = $1 AND action = 'participant.ended' AND details->>'client_id' = $2 ORDER BY at DESC, id DESC LIMIT 1`,
    [sid, clientId],
  );
  return rows[0]?.actor ?? 'system';
}
