import type { Sql } from '#libs/database';
import type { Metrics } from '#libs/metrics';

/** What is owed and what was given up, by the index that leads with their state. */
export function observeDeliveries(metrics: Metrics, sql: Sql): void {
  metrics.collect('deliveries', ['lanyard_logout_deliveries', 'lanyard_logout_deliveries_oldest_seconds'], async () => {
    const { rows } = await sql.query<{ pending: string; dead: string; oldest: number }>(
      `SELECT p.count AS pending, (SELECT count(*) FROM delivery WHERE state = 'dead') AS dead,
         coalesce(extract(epoch FROM lanyard.now() - p.oldest), 0)::float8 AS oldest
       FROM (SELECT count(*), min(created_at) AS oldest FROM delivery WHERE state = 'pending') p`,
    );
    const [row] = rows;
    if (!row) return;
    metrics.set('lanyard_logout_deliveries', { state: 'pending' }, Number(row.pending));
    metrics.set('lanyard_logout_deliveries', { state: 'dead' }, Number(row.dead));
    metrics.set('lanyard_logout_deliveries_oldest_seconds', {}, Math.max(0, row.oldest));
  });
}
