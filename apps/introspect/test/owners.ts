import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { SOURCES, type SourceName } from '#libs/contracts';
import { type Database, openDatabase } from '#libs/database';
import { LogOwner, Outbox, outboxMigration, type RevocationDraft } from '#libs/event-log';
import type { TestDatabase } from '#libs/testing';

interface Owner {
  readonly db: Database;
  readonly log: LogOwner;
  readonly outbox: Outbox;
}

/** The three owners' logs, real: outbox, relay and tickets on Postgres. */
export class Owners {
  private constructor(
    private readonly owners: ReadonlyMap<SourceName, Owner>,
    private readonly dataDir: string,
  ) {}

  static async start(database: TestDatabase): Promise<Owners> {
    const dataDir = await mkdtemp(join(tmpdir(), 'lanyard-introspect-'));
    const owners = await Promise.all(SOURCES.map(async (source) => [source, await ownerOf(source, database, dataDir)] as const));
    return new Owners(new Map(owners), dataDir);
  }

  /** Committed and published as the service would; answers when the transaction is through, not when a view has it. */
  async revoke(source: SourceName, ...revocations: RevocationDraft[]): Promise<void> {
    const owner = this.owners.get(source);
    if (!owner) throw new Error(`no owner of ${source}`);
    await owner.db.transaction((tx) => owner.outbox.add(tx, { revocations }));
    owner.log.relay.nudge();
  }

  async close(): Promise<void> {
    for (const { db, log } of this.owners.values()) {
      await log.stop();
      await db.close();
    }
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

async function ownerOf(source: SourceName, database: TestDatabase, dataDir: string): Promise<Owner> {
  const { up } = outboxMigration(source);
  class Outbox1700000000000 implements MigrationInterface {
    async up(runner: QueryRunner): Promise<void> {
      for (const statement of up) await runner.query(statement);
    }
    async down(): Promise<void> {}
  }
  const db = await openDatabase({
    url: database.url(`lanyard_${source}`),
    schema: source,
    entities: [],
    migrations: [Outbox1700000000000],
    applicationName: `owner of ${source}`,
  });
  const log = new LogOwner(db, source, { dataDir });
  await log.start();
  return { db, log, outbox: new Outbox(source) };
}
