import type { SourceName } from '#libs/contracts';
import type { Sql } from '#libs/database';
import type { Metrics } from '#libs/metrics';
import { schemaOf } from '../partitions.js';

interface Backlog extends Record<string, unknown> {
  stream: string;
  count: string;
  age: number;
}

interface Lag extends Record<string, unknown> {
  reader: string;
  count: string;
  age: number;
  dead: string;
}

/**
 * libs/event-log/src/observe turns what stands in the log's tables into numbers at a scrape: the owner's outbox here, a reader's dead letters beside it.
 * Every statement walks an index over what is outstanding, so it costs little when all is well.
 */
export function observeOutbox(metrics: Metrics, sql: Sql, source: SourceName): void {
  const s = schemaOf(source);
  metrics.collect('outbox', ['lanyard_outbox_unnumbered_rows', 'lanyard_outbox_unnumbered_age_seconds'], async () => {
    const { rows } = await sql.query<Backlog>(
      `SELECT p.stream, sum(o.n) AS count, coalesce(max(extract(epoch FROM lanyard.now() - o.oldest)), 0)::float8 AS age
       FROM ${s}.outbox_partition p CROSS JOIN LATERAL (
         SELECT count(*) AS n, min(created_at) AS oldest FROM ${s}.outbox
         WHERE stream = p.stream AND partition = p.partition AND pseq IS NULL) o
       GROUP BY p.stream`,
    );
    for (const { stream, count, age } of rows) {
      metrics.set('lanyard_outbox_unnumbered_rows', { stream }, Number(count));
      metrics.set('lanyard_outbox_unnumbered_age_seconds', { stream }, Math.max(0, age));
    }
  });
  const sets = ['lanyard_outbox_unpassed_rows', 'lanyard_outbox_unpassed_age_seconds', 'lanyard_outbox_dead_letters'] as const;
  metrics.collect('group_readers', sets, async () => {
    const { rows } = await sql.query<Lag>(
      `SELECT r.reader, sum(p.last_pseq - r.position) AS count,
         coalesce(max(extract(epoch FROM lanyard.now() - o.created_at)), 0)::float8 AS age,
         (SELECT count(*) FROM ${s}.outbox_dead_letter d WHERE d.reader = r.reader) AS dead
       FROM ${s}.log_reader r JOIN ${s}.outbox_partition p USING (stream, partition) LEFT JOIN LATERAL (
         SELECT created_at FROM ${s}.outbox
         WHERE stream = p.stream AND partition = p.partition AND pseq > r.position ORDER BY pseq LIMIT 1) o ON true
       GROUP BY r.reader`,
    );
    for (const { reader, count, age, dead } of rows) {
      metrics.set('lanyard_outbox_unpassed_rows', { reader }, Number(count));
      metrics.set('lanyard_outbox_unpassed_age_seconds', { reader }, Math.max(0, age));
      metrics.set('lanyard_outbox_dead_letters', { reader }, Number(dead));
    }
  });
}
