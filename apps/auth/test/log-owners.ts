import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { SourceName } from '#libs/contracts';
import { type Database, openDatabase } from '#libs/database';
import { LogOwner, Outbox, outboxMigration, type RevocationDraft } from '#libs/event-log';
import type { TestDatabase } from '#libs/testing';

/** The logs of the session and the token service, real: outbox, relay and tickets on Postgres. auth's own log is auth's. */
export class LogOwners {
  private constructor(private readonly owners: ReadonlyMap<SourceName, { db: Database; log: LogOwner; outbox: Outbox }>) {}

  static async start(database: TestDatabase, dataDir: string): Promise<LogOwners> {
    const sources = ['session', 'token'] as const;
    return new LogOwners(new Map(await Promise.all(sources.map(async (name) => [name, await ownerOf(name, database, dataDir)] as const))));
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
  }
}

async function ownerOf(source: SourceName, database: TestDatabase, dataDir: string) {
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
