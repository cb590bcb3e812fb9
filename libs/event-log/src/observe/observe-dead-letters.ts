import { GROUP_READERS, type ServiceName, SOURCES } from '#libs/contracts';
import type { Sql } from '#libs/database';
import type { Metrics } from '#libs/metrics';
import { openLetter } from '../group/dead-letter.js';

/** What this service, as a group reader, gave up on: each one is waiting for an operator. */
export function observeDeadLetters(metrics: Metrics, sql: Sql, reader: ServiceName): void {
  metrics.collect('dead_letters', ['lanyard_dead_letters'], async () => {
    const { rows } = await sql.query<{ source: string; count: string }>(
      `SELECT source, count(*) AS count FROM dead_letter WHERE ${openLetter()} GROUP BY source`,
    );
    for (const source of SOURCES.filter((name) => GROUP_READERS[name].includes(reader))) {
      metrics.set('lanyard_dead_letters', { source }, Number(rows.find((row) => row.source === source)?.count ?? 0));
    }
  });
}
