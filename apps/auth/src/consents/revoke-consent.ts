import { Inject, Injectable } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import { tokenApi } from '#libs/contracts';
import { Database } from '#libs/database';
import { InternalClient } from '#libs/http';
import { recordAudit } from '../audit/record-audit.js';
import { CHECKPOINTS } from '../ports.js';

interface Unfinished {
  consent_id: string;
  sub: string;
  client_id: string;
}

/**
 * A consent withdrawn. First the consent, so that no new code hangs from it; then its grants, by the token service; "revoked" is said
 * only after that committed (DESIGN, Consent revoked). A crash or an outage between the two leaves a row that `resume` finishes.
 */
@Injectable()
export class RevokeConsent {
  constructor(
    private readonly db: Database,
    private readonly internal: InternalClient,
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
      `SELECT consent_id, sub, client_id FROM consent
       WHERE sub = $1 AND client_id = $2 AND revoked_at IS NOT NULL AND grants_revoked_at IS NULL`,
      [sub, clientId],
    );
    const confirmed = [];
    for (const consent of rows) confirmed.push(await this.finish(consent, actor));
    if (rows.length === 0) return { revoked: false, confirmed: await this.askAgain(sub, clientId) };
    return { revoked: true, confirmed: confirmed.every(Boolean) };
  }

  /** What was withdrawn within the last minute is told to the views once more; anything older holds by the freshness bound. */
  private async askAgain(sub: string, clientId: string): Promise<boolean> {
    const { rows } = await this.db.query<Pick<Unfinished, 'consent_id'>>(
      `SELECT consent_id FROM consent
       WHERE sub = $1 AND client_id = $2 AND grants_revoked_at > (SELECT lanyard.now()) - interval '1 minute'`,
      [sub, clientId],
    );
    const answers = [];
    for (const { consent_id } of rows) {
      answers.push(await this.internal.call(tokenApi.revokeGrants, { by: { consent_id }, reason: 'consent_revoked' }));
    }
    return answers.every(({ confirmed }) => confirmed);
  }

  /** What a crash or an outage left between the two steps; answers how many were finished. At start, and now and then. */
  async resume(): Promise<number> {
    const { rows } = await this.db.query<Unfinished>(
      'SELECT consent_id, sub, client_id FROM consent WHERE revoked_at IS NOT NULL AND grants_revoked_at IS NULL ORDER BY revoked_at LIMIT 100',
    );
    for (const consent of rows) await this.finish(consent, 'resumed');
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
      await recordAudit(
        tx,
        rows.map(({ consent_id }) => ({ actor, action: 'consent.revoked', target: consent_id, reason: null, details })),
      );
    });
  }

  private async finish({ consent_id, sub, client_id }: Unfinished, actor: string): Promise<boolean> {
    const { confirmed } = await this.internal.call(tokenApi.revokeGrants, { by: { consent_id }, reason: 'consent_revoked' });
    await this.checkpoints.reach('auth.consent.after-grants');
    await this.db.transaction(async (tx) => {
      const { affected } = await tx.query(
        'UPDATE consent SET grants_revoked_at = lanyard.now() WHERE consent_id = $1 AND grants_revoked_at IS NULL',
        [consent_id],
      );
      if (affected === 0) return;
      const details = { client_id, sub };
      await recordAudit(tx, [{ actor, action: 'consent.grants_revoked', target: consent_id, reason: null, details }]);
    });
    return confirmed;
  }
}
