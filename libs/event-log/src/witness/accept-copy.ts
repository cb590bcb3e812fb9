import { rm } from 'node:fs/promises';
import type { SourceName } from '#libs/contracts';
import type { Database } from '#libs/database';
import { schemaOf } from '../partitions.js';
import { WitnessFile } from './witness-file.js';

/**
 * The operator's decision that a restored copy goes on: the witness that knew better is forgotten, and the owner vouches at its next look.
 * From here on it is a log of its own: what the lost one left in Kafka has other epochs, also where the server was never restarted.
 * Only after everything that the copy could bring back has been ended. The file goes first: a crash in between leaves the refusal, which
 * holds by itself. No owner may run: one that has read the old witness would refuse again after this. Answers with the file's path.
 */
export async function acceptCopy(db: Database, source: SourceName, dataDir: string): Promise<string> {
  const { path } = new WitnessFile(dataDir, source);
  await rm(path, { force: true });
  await db.query(
    `INSERT INTO ${schemaOf(source)}.log_epoch_vouched (lineage) VALUES (gen_random_uuid()::text)
     ON CONFLICT (only_row) DO UPDATE SET epoch = NULL, refused = NULL, lineage = EXCLUDED.lineage`,
  );
  return path;
}
