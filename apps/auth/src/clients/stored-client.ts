import { createHash } from 'node:crypto';
import type { ClientRecord } from '#libs/contracts';
import type { Tx } from '#libs/database';
import { oauthError } from '#libs/protocol';

export type StoredSecret = ClientRecord['secrets'][number] & { readonly created_at?: number };

/** A client's row as those see it who change it. Times: ms, database clock. */
export interface StoredClient {
  readonly client_id: string;
  readonly gen: number;
  readonly disabled: boolean;
  readonly left_file: boolean;
  readonly from_file: boolean;
  readonly secrets: readonly StoredSecret[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly created_at: number;
  readonly updated_at: number;
}

export const STORED_CLIENT = `client_id, gen, disabled, left_file, from_file, secrets, metadata, lanyard.ms(created_at) AS created_at,
  lanyard.ms(updated_at) AS updated_at`;

/**
 * For a change by the API, held until the commit. What a file decides is changed in the file: a change here would be undone by the next start,
 * and nobody would know which of the two is meant (docs/decisions/0014).
 */
export async function lockChangeable(tx: Tx, clientId: string): Promise<StoredClient> {
  const { rows } = await tx.query<StoredClient>(`SELECT ${STORED_CLIENT} FROM client WHERE client_id = $1 FOR NO KEY UPDATE`, [clientId]);
  const [row] = rows;
  if (!row) throw noSuchClient();
  if (row.from_file) throw oauthError('conflict', { description: 'The configuration file decides about this client: change it there.' });
  return row;
}

/** Names a secret without telling anything about it, not even its keyed hash. */
export function secretId({ hash }: Pick<StoredSecret, 'hash'>): string {
  return createHash('sha256').update(hash).digest('base64url').slice(0, 16);
}

export function noSuchClient(): Error {
  return oauthError('not_found', { description: 'There is no such client.' });
}
