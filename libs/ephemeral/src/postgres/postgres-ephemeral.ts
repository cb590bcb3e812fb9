import type { Pepper, Sql } from '#libs/database';
import type { Counter } from '../counter.js';
import type { Ephemeral } from '../ephemeral.js';
import type { ExpiringObjects } from '../expiring-objects.js';
import { hashedKey } from '../hashed-key.js';
import type { Once } from '../once.js';
import { PostgresCounter } from './postgres-counter.js';
import { PostgresObjects } from './postgres-objects.js';
import { PostgresOnce } from './postgres-once.js';

/** A batch, so that a sweep after a flood holds no locks for long; SKIP LOCKED, so that sweeps of several processes share the work. */
const BATCH = 1_000;
const sweepOf = (table: string, column: string) => `
  DELETE FROM ephemeral.${table} WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM ephemeral.${table} WHERE ${column} <= lanyard.now() ORDER BY ${column} LIMIT ${BATCH} FOR UPDATE SKIP LOCKED))
  AND ${column} <= lanyard.now()`;
const SWEEPS = [sweepOf('counter', 'ends_at'), sweepOf('mark', 'expires_at'), sweepOf('object', 'expires_at')];

/** Give it the service's own pool: every call is one statement of its own, never part of a business transaction. */
export class PostgresEphemeral implements Ephemeral {
  constructor(
    private readonly sql: Sql,
    private readonly pepper: Pepper,
  ) {}

  counter(namespace: string): Counter {
    return new PostgresCounter(this.sql, namespace, hashedKey(this.pepper, namespace));
  }

  once(namespace: string): Once {
    return new PostgresOnce(this.sql, namespace, hashedKey(this.pepper, namespace));
  }

  objects(namespace: string): ExpiringObjects {
    return new PostgresObjects(this.sql, namespace, hashedKey(this.pepper, namespace));
  }

  async sweep(): Promise<number> {
    let swept = 0;
    for (const statement of SWEEPS) {
      for (;;) {
        const { affected } = await this.sql.query(statement);
        swept += affected;
        if (affected < BATCH) break;
      }
    }
    return swept;
  }
}
