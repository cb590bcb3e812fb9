import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { cursorOf, type Page, pageOf } from '#libs/admin-api';
import { usernameKey } from '#libs/config';
import { identifier } from '#libs/contracts';
import { Database, type Sql } from '#libs/database';
import { STORED_CLIENT, type StoredClient, secretId } from '../clients/stored-client.js';
import type { clientAnswer, userAnswer } from './answers.js';

export interface RecordQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly search?: string | undefined;
  readonly disabled?: boolean | undefined;
  readonly origin?: 'file' | 'api' | undefined;
}

type UserAnswer = z.output<typeof userAnswer>;
type ClientAnswer = z.output<typeof clientAnswer>;
type UserRow = UserAnswer & { username_key: string };

const USER = `sub, username, username_key, claims, roles, lanyard.ms(password_changed_at) AS password_changed_at, gen, left_file,
  disabled OR left_file AS disabled, CASE WHEN from_file THEN 'file' ELSE 'api' END AS origin, lanyard.ms(created_at) AS created_at,
  lanyard.ms(updated_at) AS updated_at`;

/** Sorted by name and read from the key onwards, so that each page costs the same. */
const users = cursorOf('users', z.tuple([identifier]));
const clients = cursorOf('clients', z.tuple([identifier]));

const FILTERS = `($2::text IS NULL OR KEY > $2) AND ($3::text IS NULL OR KEY LIKE $3)
  AND ($4::boolean IS NULL OR (disabled OR left_file) = $4) AND ($5::boolean IS NULL OR from_file = $5)`;

/** Users and clients as operators see them. Reads only; people in the transaction that audits it. */
@Injectable()
export class RecordPages {
  constructor(private readonly db: Database) {}

  async users(tx: Sql, query: RecordQuery): Promise<Page<UserAnswer>> {
    const { rows } = await tx.query<UserRow>(
      `SELECT ${USER} FROM subject WHERE ${FILTERS.replaceAll('KEY', 'username_key')} ORDER BY username_key LIMIT $1`,
      values(query, users, query.search === undefined ? undefined : usernameKey(query.search)),
    );
    return pageOf(rows, query.limit, { item: userOf, cursor: (row) => users.encode([row.username_key]) });
  }

  async user(tx: Sql, sub: string): Promise<UserAnswer | null> {
    const { rows } = await tx.query<UserRow>(`SELECT ${USER} FROM subject WHERE sub = $1`, [sub]);
    return rows[0] ? userOf(rows[0]) : null;
  }

  async clients(query: RecordQuery): Promise<Page<ClientAnswer>> {
    const { rows } = await this.db.query<StoredClient>(
      `SELECT ${STORED_CLIENT} FROM client WHERE ${FILTERS.replaceAll('KEY', 'client_id')} ORDER BY client_id LIMIT $1`,
      values(query, clients, query.search),
    );
    return pageOf(rows, query.limit, { item: clientOf, cursor: (row) => clients.encode([row.client_id]) });
  }

  async client(clientId: string): Promise<ClientAnswer | null> {
    const { rows } = await this.db.query<StoredClient>(`SELECT ${STORED_CLIENT} FROM client WHERE client_id = $1`, [clientId]);
    return rows[0] ? clientOf(rows[0]) : null;
  }
}

/** One row more than asked for: whether there is a next page. */
function values({ limit, cursor, disabled, origin }: RecordQuery, list: typeof users, search: string | undefined): unknown[] {
  const after = list.decode(cursor)?.[0] ?? null;
  const pattern = search === undefined ? null : `${search.replace(/[\\%_]/g, '\\$&')}%`;
  return [limit + 1, after, pattern, disabled ?? null, origin === undefined ? null : origin === 'file'];
}

function userOf({ username_key: _, ...user }: UserRow): UserAnswer {
  return user;
}

function clientOf({ from_file, disabled, left_file, secrets, metadata, ...rest }: StoredClient): ClientAnswer {
  return {
    ...rest,
    metadata: { ...metadata },
    origin: from_file ? 'file' : 'api',
    disabled: disabled || left_file,
    left_file,
    secrets: secrets.map((secret) => ({ secret_id: secretId(secret), weak: secret.weak, created_at: secret.created_at ?? null })),
  };
}
