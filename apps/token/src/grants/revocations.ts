import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '#libs/database';
import { Outbox } from '#libs/event-log';
import { Log } from '#libs/http';
import { type AuditEntry, recordAudit } from '../audit/record-audit.js';
import { Announce } from './announce.js';
import { type GrantSelector, latelyRevoked, type RevokeCause, revokeGrants } from './revoke-grants.js';

/** Revoking as one act: the transaction, then the hints, then the answer. A failed transaction is thrown: a 200 means durable (S11). */
@Injectable()
export class Revocations {
  constructor(
    private readonly db: Database,
    private readonly outbox: Outbox,
    private readonly announce: Announce,
    private readonly log: Log,
  ) {}

  /** For a caller who is told `confirmed`: also where another call, or the same one before its answer was lost, did the revoking. */
  async confirmed(by: GrantSelector, cause: RevokeCause): Promise<{ revoked: number; confirmed: boolean }> {
    const { entries, count } = await this.commit(by, cause, []);
    const told = count > 0 ? entries : await latelyRevoked(this.db, by);
    const confirmed = await this.announce.revoked(told);
    if (count > 0) this.log.info('grants revoked', { ...('gids' in by ? {} : by), ...cause, count, confirmed });
    return { revoked: count, confirmed };
  }

  /** For a replay: of a thousand at once the first one tells, and the answer of the others promises nothing. */
  async family(gid: string, cause: RevokeCause, because: AuditEntry): Promise<void> {
    const { entries, count } = await this.commit({ gid }, cause, [because]);
    if (count > 0) this.log.warn('replayed: the grant and all its tokens are revoked', { gid, ...cause, detail: because.reason, count });
    await this.announce.revoked(entries);
  }

  /** One access token; nothing else of its grant (DESIGN, Decided). */
  async accessToken(jti: string, clientId: string, expiresAt: number, audit: AuditEntry<'token.revoked'>): Promise<boolean> {
    const entries = await this.db.transaction(async (tx: Tx) => {
      const added = await this.outbox.add(tx, {
        events: [{ name: 'TokenRevoked', payload: { jti, client_id: clientId, expires_at: expiresAt } }],
        revocations: [{ kind: 'token', id: jti }],
      });
      await recordAudit(tx, [audit]);
      return added;
    });
    return this.announce.revoked(entries);
  }

  private commit(by: GrantSelector, cause: RevokeCause, because: readonly AuditEntry[]) {
    return this.db.transaction(async (tx) => {
      const revoked = await revokeGrants(tx, this.outbox, by, cause);
      if (revoked.count > 0) await recordAudit(tx, because);
      return revoked;
    });
  }
}
