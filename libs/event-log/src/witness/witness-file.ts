import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { SourceName } from '#libs/contracts';

/** Per `stream/partition` the highest number this owner has ever seen in its own database. */
export type Numbers = Readonly<Record<string, number>>;

const content = z.record(z.string(), z.int().nonnegative());

/**
 * Kept outside the database's directory, so that a restored copy of the database meets numbers it has not given yet (RELIABILITY 10).
 * A copy that includes this file can't be noticed: backups leave it out.
 */
export class WitnessFile {
  readonly path: string;

  constructor(
    private readonly directory: string,
    source: SourceName,
  ) {
    this.path = join(directory, `log-witness-${source}.json`);
  }

  /** Null: no witness yet. A file that can't be read is an error, not a missing witness. */
  async read(): Promise<Numbers | null> {
    try {
      return content.parse(JSON.parse(await readFile(this.path, 'utf8')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw new Error(`${this.path} is not a readable witness of the event log`, { cause: error });
    }
  }

  /** Whole or not at all. Instances that share the directory keep the higher numbers. */
  async raise(numbers: Numbers): Promise<void> {
    const known = (await this.read()) ?? {};
    const merged = Object.fromEntries(
      [...Object.keys(known), ...Object.keys(numbers)].map((id) => [id, Math.max(known[id] ?? 0, numbers[id] ?? 0)]),
    );
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    // Not by process id: containers that share a volume are all process 1, and would move each other's half-written file.
    const temporary = `${this.path}.${randomUUID()}`;
    try {
      await writeFile(temporary, `${JSON.stringify(merged)}\n`, { mode: 0o600 });
      await rename(temporary, this.path);
    } catch (error) {
      // A full disk must not fill with our attempts.
      await rm(temporary, { force: true });
      throw error;
    }
  }
}

/** Pure: the partitions where the database is behind what it had already numbered. */
export function behindWitness(witness: Numbers | null, database: Numbers): string[] {
  return Object.entries(witness ?? {}).flatMap(([id, number]) => {
    const has = database[id] ?? 0;
    return has < number ? [`${id} is at ${has}, it had reached ${number}`] : [];
  });
}
