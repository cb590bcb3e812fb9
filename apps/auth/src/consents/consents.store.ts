import { Injectable } from '@nestjs/common';
import { Database, randomId, type Tx } from '#libs/database';
import { recordAudit } from '../audit/record-audit.js';

export interface Consent {
  readonly consent_id: string;
  readonly sub: string;
  readonly client_id: string;
  /** Agreed to, at any time since the consent began; `offline_access` here means that its warning was agreed to. */
  readonly scopes: readonly string[];
  /** Unticked on the page: asked again only when the page is shown anyway. */
  readonly declined: readonly string[];
}

export interface Agreement {
  sub: string;
  client_id: string;
  scopes: readonly string[];
  declined: readonly string[];
}

const COLUMNS = 'consent_id, sub, client_id, scopes, declined';

/**
 * apps/auth/src/consents owns what users agreed to. It never touches a grant: those are the token service's, which is told by
 * revoke-consent. Called by the interaction (find, grant) and the internal API (revoke).
 */
@Injectable()
export class ConsentStore {
  constructor(private readonly db: Database) {}

  async find(sub: string, clientId: string): Promise<Consent | null> {
    const { rows } = await this.db.query<Consent>(
      `SELECT ${COLUMNS} FROM consent WHERE sub = $1 AND client_id = $2 AND revoked_at IS NULL`,
      [sub, clientId],
    );
    return rows[0] ?? null;
  }

  /**
   * Adds to the active consent, or begins one. One statement on the partial unique index: two tabs that agree at once share
   * one consent; with a read before the insert the slower one would fail or hide the other's scopes.
   */
  async grant(tx: Tx, agreement: Agreement): Promise<Consent> {
    const { sub, client_id, scopes, declined } = agreement;
    const { rows } = await tx.query<Consent>(
      `INSERT INTO consent AS c (consent_id, sub, client_id, scopes, declined, granted_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, lanyard.now(), lanyard.now())
       ON CONFLICT (sub, client_id) WHERE revoked_at IS NULL DO UPDATE SET
         scopes = ARRAY(SELECT DISTINCT unnest(c.scopes || excluded.scopes) ORDER BY 1),
         declined = ARRAY(SELECT DISTINCT unnest(c.declined || excluded.declined) EXCEPT SELECT unnest(excluded.scopes) ORDER BY 1),
         updated_at = excluded.updated_at
       RETURNING ${COLUMNS}`,
      [randomId(), sub, client_id, [...scopes], declined.filter((name) => !scopes.includes(name))],
    );
    const [consent] = rows;
    if (!consent) throw new Error('the consent was not written');
    const details = { client_id, scopes: [...scopes] };
    await recordAudit(tx, [{ actor: sub, action: 'consent.granted', target: consent.consent_id, reason: null, details }]);
    return consent;
  }
}
