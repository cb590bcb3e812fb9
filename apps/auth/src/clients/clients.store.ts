import { Injectable } from '@nestjs/common';
import type { ClientRecord, ScopeRecord } from '#libs/contracts';
import { Database } from '#libs/database';
import { clientMetadata, isStandardScope, parseScope, STANDARD_SCOPES } from '#libs/protocol';

interface Row {
  client_id: string;
  gen: number;
  disabled: boolean;
  secrets: ClientRecord['secrets'];
  metadata: Record<string, unknown>;
}

/**
 * apps/auth/src/clients owns the registered clients, the APIs and their scopes: the records that every service asks for. The import
 * and the internal API write; authorize, userinfo and the other services read, by cache.
 */
@Injectable()
export class ClientStore {
  constructor(private readonly db: Database) {}

  /** The record with its scopes, straight from the table. Disabled clients too, marked. */
  async get(clientId: string): Promise<ClientRecord | null> {
    if (clientId.includes('\0')) return null;
    const { rows } = await this.db.query<Row>(
      'SELECT client_id, gen, disabled OR left_file AS disabled, secrets, metadata FROM client WHERE client_id = $1',
      [clientId],
    );
    const [row] = rows;
    // When a secret was added is for operators only.
    const secrets = row?.secrets.map(({ hash, weak }) => ({ hash, weak })) ?? [];
    return row ? { ...row, secrets, scopes: await this.scopesOf(row.metadata) } : null;
  }

  /** `ClientSource` of libs/clients. */
  read(clientId: string): Promise<ClientRecord | null> {
    return this.get(clientId);
  }

  /** Whether an enabled browser client lives there: redirect URIs count by their origin. */
  async hasBrowserOrigin(origin: string): Promise<boolean> {
    const { rows } = await this.db.query<{ found: boolean }>(
      `SELECT EXISTS (SELECT FROM client WHERE metadata->>'application_type' = 'browser' AND NOT disabled AND NOT left_file
         AND (metadata->'allowed_origins' ? $1 OR EXISTS (
           SELECT FROM jsonb_array_elements_text(metadata->'redirect_uris') uri WHERE uri = $1 OR starts_with(uri, $1 || '/') OR starts_with(uri, $1 || '?'))))
         AS found`,
      [origin],
    );
    return rows[0]?.found ?? false;
  }

  /** In the order of the registration; what no API declares any more is left out. */
  private async scopesOf(metadata: Record<string, unknown>): Promise<ScopeRecord[]> {
    const names = parseScope(clientMetadata.parse(metadata).scope);
    const { rows } = await this.db.query<ScopeRecord>(
      `SELECT s.name, s.description, s.api, a.access_token_format FROM scope s JOIN api a ON a.identifier = s.api
       WHERE s.name = ANY ($1) AND NOT s.left_file AND NOT a.left_file`,
      [names.filter((name) => !isStandardScope(name))],
    );
    const declared = new Map(rows.map((row) => [row.name, row]));
    return names.flatMap((name) => {
      if (isStandardScope(name)) return [{ name, description: STANDARD_SCOPES[name], api: null, access_token_format: null }];
      const scope = declared.get(name);
      return scope ? [scope] : [];
    });
  }
}
