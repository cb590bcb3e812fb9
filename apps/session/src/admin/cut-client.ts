import { Injectable } from '@nestjs/common';
import { adminConflict, adminNotFound, type CallingClient } from '#libs/admin-api';
import { Database, type Tx } from '#libs/database';
import { InternalCallError } from '#libs/http';
import { recordAudit } from '../audit/record-audit.js';
import { CutGrants } from '../backchannel/cut-grants.js';
import { DeliveryLoop } from '../backchannel/delivery-loop.js';
import { cutParticipant } from '../backchannel/write-deliveries.js';
import { judge, lockActive } from '../sessions/session.store.js';

export interface CutAnswer {
  ended: boolean;
  revoked: number | null;
  confirmed: boolean;
}

/**
 * One client out of a session that goes on. First the mark and the notice owed, in one transaction, then the grants: the other way round a client
 * could come back in between, and hold grants without being owed a notice. A crash after the commit loses nothing (CutGrants).
 */
@Injectable()
export class CutClient {
  constructor(
    private readonly db: Database,
    private readonly grants: CutGrants,
    private readonly deliveries: DeliveryLoop,
  ) {}

  async cut(sid: string, client_id: string, caller: CallingClient): Promise<CutAnswer> {
    const delivery_id = await this.db.transaction((tx) => write(tx, sid, client_id, caller));
    try {
      const asked =
        delivery_id === null ? this.grants.ask(sid, client_id, caller.actor) : this.grants.revoke({ delivery_id, sid, client_id });
      return { ended: delivery_id !== null, ...(await asked) };
    } catch (error) {
      if (!(error instanceof InternalCallError)) throw error;
      return { ended: delivery_id !== null, revoked: null, confirmed: false };
    } finally {
      this.deliveries.nudge();
    }
  }
}

/** null: it had been cut out before. The race: a code of this client being exchanged holds the row's share lock, and is counted before or after. */
async function write(tx: Tx, sid: string, clientId: string, { actor }: CallingClient): Promise<number | null> {
  await lockActive(tx, 'sid', sid, 'update');
  const { found } = await judge(tx, 'sid', sid);
  if (!found) throw adminNotFound('session');
  if (!found.alive) throw adminConflict('The session has ended, and every client of it with it.');
  const delivery = await cutParticipant(tx, sid, clientId);
  if (delivery === null) {
    const { rows } = await tx.query('SELECT 1 AS one FROM participant WHERE sid = $1 AND client_id = $2', [sid, clientId]);
    if (rows.length === 0) throw adminNotFound('client in this session');
    return null;
  }
  const details = { client_id: clientId, sub: found.session.sub };
  await recordAudit(tx, [{ actor, action: 'participant.ended', target: sid, reason: 'admin', details }]);
  return delivery;
}
