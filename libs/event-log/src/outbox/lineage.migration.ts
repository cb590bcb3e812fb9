import type { SourceName } from '#libs/contracts';
import { schemaOf } from '../partitions.js';

/**
 * What an operator let go on after a restore is another log than the one before, also when it stands on the same running server: its lineage is part of
 * the epoch (`acceptCopy`). And group readers on Kafka learn the epoch, to know which records are of this log. Adds, and changes no epoch.
 */
export function lineageMigration(source: SourceName): { up: string[]; down: string[] } {
  const s = schemaOf(source);
  return {
    up: [
      `ALTER TABLE ${s}.log_epoch_vouched ADD COLUMN lineage text`,
      epochFunction(s, `, (SELECT lineage FROM ${s}.log_epoch_vouched)`),
      `GRANT EXECUTE ON FUNCTION ${s}.log_epoch() TO lanyard_log`,
    ],
    down: [
      `REVOKE EXECUTE ON FUNCTION ${s}.log_epoch() FROM lanyard_log`,
      epochFunction(s, ''),
      `ALTER TABLE ${s}.log_epoch_vouched DROP COLUMN lineage`,
    ],
  };
}

function epochFunction(s: string, lineage: string): string {
  return `CREATE OR REPLACE FUNCTION ${s}.log_epoch() RETURNS text LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT concat_ws('/', (SELECT system_identifier FROM pg_control_system()), left(pg_walfile_name(pg_current_wal_lsn()), 8),
      extract(epoch FROM pg_postmaster_start_time()), (SELECT count(*) FROM ${s}.outbox_partition)${lineage})
  $$`;
}
