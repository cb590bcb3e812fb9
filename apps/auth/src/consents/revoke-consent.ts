import { Inject, Injectable } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import { tokenApi } from '#libs/contracts';
import { Database } from '#libs/database';
import { InternalClient, Log } from '#libs/http';
import { recordAudit } from '../audit/record-audit.js';
import { initiatorOf } from '../changes/actor.js';
import { CHECKPOINTS } from '../ports.js';

interface Unfinished {
  consent_id: string;
  sub: string;
  client_id: string;
  /** Whose wish it was, by the audit row of the withdrawal's own transaction: who finishes it, or asks again, is not who did it. */
  actor: string;
}

const WITHDRAWN = `SELECT c.consent_id, c.sub, c.client_id,
    coalesce((SELECT a.actor FROM audit a WHERE a.target = c.consent_id AND a.action = 'consent.revoked'
              ORDER BY a.at DESC, a.id DESC LIMIT 1), 'system') AS actor
  FROM consent c`;

/**
 * A consent withdrawn. First the consent, so that no new code hangs from it; then its grants, by the token service; "revoked" is said
 * only after that committed (DESIGN, Consent revoked). A crash or an outage between the two leaves a row that `resume` finishes.
 */
@Injectable()
export class RevokeConsent {
  constructor(
    private readonly db: Database,
    private readonly internal: InternalClient,
    private readonly log: Log,
    @Inject(CHECKPOINTS) private readonly checkpoints: Checkpoints,
  ) {}

  /** `revoked: false` = there was nothing to withdraw, or all of it is withdrawn and confirmed already. Throws when the token service can't be reached; asking again goes on from there. */
  async revoke({
    sub,
    clientId,
    actor,
  }: {
    sub: string;
    clientId: string;
    actor: string;
  }): Promise<{ revoked: boolean; confirmed: boolean }> {
    await this.withdraw(sub, clientId, actor);
    await this.checkpoints.reach('auth.consent.after-withdraw');
    const { rows } = await this.db.query<Unfinished>(
      `${WITHDRAWN} WHERE c.sub = $1 AND c.client_id = $2 AND c.revoked_at IS NOT NULL AND c.grants_revoked_at IS NULL`,
      [sub, clientId],
    );
    const confirmed = [];
    for (const consent of rows) confirmed.push(await this.finish(consent));
    if (rows.length === 0) return { revoked: false, confirmed: await this.askAgain(sub, clientId) };
    return { revoked: true, confirmed: confirmed.every(Boolean) };
  }

  /** What was withdrawn within the last minute is told to the views once more; anything older holds by the freshness bound. */
  private async askAgain(sub: string, clientId: string): Promise<boolean> {
    const { rows } = await this.db.query<Unfinished>(
      `${WITHDRAWN} WHERE c.sub = $1 AND c.client_id = $2 AND c.grants_revoked_at > (SELECT lanyard.now()) - interval '1 minute'`,
      [sub, clientId],
    );
    const answers = [];
    for (const consent of rows) answers.push(await this.revokeGrants(consent));
    return answers.every(({ confirmed }) => confirmed);
  }

  /** What a crash or an outage left between the two steps; answers how many were finished. At start, and now and then. */
  async resume(): Promise<number> {
    const { rows } = await this.db.query<Unfinished>(
      `${WITHDRAWN} WHERE c.revoked_at IS NOT NULL AND c.grants_revoked_at IS NULL ORDER BY c.revoked_at LIMIT 100`,
    );
    for (const consent of rows) await this.finish(consent);
    return rows.length;
  }

  private withdraw(sub: string, clientId: string, actor: string): Promise<void> {
    return this.db.transaction(async (tx) => {
      const { rows } = await tx.query<{ consent_id: string }>(
        `UPDATE consent SET revoked_at = lanyard.now(), updated_at = lanyard.now()
         WHERE sub = $1 AND client_id = $2 AND revoked_at IS NULL RETURNING consent_id`,
        [sub, clientId],
      );
      const details = { client_id: clientId, sub };
      const reason = initiatorOf(actor, sub);
      await recordAudit(
        tx,
        rows.map(({ consent_id }) => ({ actor, action: 'consent.revoked', target: consent_id, reason, details })),
      );
    });
  }

  private async finish(consent: Unfinished): Promise<boolean> {
    const { consent_id, sub, client_id, actor } = consent;
    const reason = initiatorOf(actor, sub);
    const { revoked, confirmed } = await this.revokeGrants(consent);
    await this.checkpoints.reach('auth.consent.after-grants');
    await this.db.transaction(async (tx) => {
      const { affected } = await tx.query(
        'UPDATE consent SET grants_revoked_at = lanyard.now() WHERE consent_id = $1 AND grants_revoked_at IS NULL',
        [consent_id],
      );
      if (affected === 0) return;
      const details = { client_id, sub };
      await recordAudit(tx, [{ actor, action: 'consent.grants_revoked', target: consent_id, reason, details }]);
    });
    this.log.info('consent revoked', { consent_id, sub, client_id, reason, actor, count: revoked, confirmed });
    return confirmed;
  }

  private revokeGrants({ consent_id, actor }: Unfinished) {
    return this.internal.call(tokenApi.revokeGrants, { by: { consent_id }, reason: 'consent_revoked', actor });
  }
}
