import { Injectable } from '@nestjs/common';
import { Database, randomId, type Sql, type Tx } from '#libs/database';
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

/** One line of "my applications". Times: ms, database clock. */
export interface ListedConsent {
  readonly consent_id: string;
  readonly client_id: string;
  readonly client_name: string | null;
  readonly client_uri: string | null;
  readonly scopes: readonly string[];
  readonly granted_at: number;
  readonly updated_at: number;
  /** Since when the client may keep access without the user; null: it may not. */
  readonly offline_since: number | null;
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
 * revoke-consent. Called by the interaction (find, grant), the account pages and the admin API (list).
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

  /** What a user agreed to and did not withdraw, the latest first. First-party clients that never asked are not among them. */
  async list(sub: string, sql: Sql = this.db): Promise<ListedConsent[]> {
    const { rows } = await sql.query<ListedConsent>(
      `SELECT c.consent_id, c.client_id, k.metadata->>'client_name' AS client_name, k.metadata->>'client_uri' AS client_uri, c.scopes,
         lanyard.ms(c.granted_at) AS granted_at, lanyard.ms(c.updated_at) AS updated_at, lanyard.ms(c.offline_since) AS offline_since
       FROM consent c LEFT JOIN client k ON k.client_id = c.client_id
       WHERE c.sub = $1 AND c.revoked_at IS NULL ORDER BY c.granted_at DESC, c.consent_id`,
      [sub],
    );
    return rows;
  }

  /**
   * Adds to the active consent, or begins one. One statement on the partial unique index: two tabs that agree at once share
   * one consent; with a read before the insert the slower one would fail or hide the other's scopes.
   */
  async grant(tx: Tx, agreement: Agreement): Promise<Consent> {
    const { sub, client_id, scopes, declined } = agreement;
    const { rows } = await tx.query<Consent>(
      `INSERT INTO consent AS c (consent_id, sub, client_id, scopes, declined, granted_at, updated_at, offline_since)
       SELECT $1, $2, $3, $4::text[], $5::text[], t.now, t.now, CASE WHEN 'offline_access' = ANY ($4) THEN t.now END
       FROM (SELECT lanyard.now() AS now OFFSET 0) t
       ON CONFLICT (sub, client_id) WHERE revoked_at IS NULL DO UPDATE SET
         scopes = ARRAY(SELECT DISTINCT unnest(c.scopes || excluded.scopes) ORDER BY 1),
         declined = ARRAY(SELECT DISTINCT unnest(c.declined || excluded.declined) EXCEPT SELECT unnest(excluded.scopes) ORDER BY 1),
         updated_at = excluded.updated_at,
         offline_since = coalesce(c.offline_since, excluded.offline_since)
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
