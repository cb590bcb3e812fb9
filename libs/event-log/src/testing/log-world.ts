import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RevocationEntry, SourceName } from '#libs/contracts';
import { type Database, type MigrationClass, openDatabase } from '#libs/database';
import { createTestDatabase, type TestDatabase } from '#libs/testing';
import { closedLettersMigration } from '../group/closed-letters.migration.js';
import { groupReaderMigration } from '../group/group-reader.migration.js';
import type { Change } from '../outbox/change.js';
import { lineageMigration } from '../outbox/lineage.migration.js';
import { Outbox } from '../outbox/outbox.js';
import { outboxMigration } from '../outbox/outbox.migration.js';
import { PARTITIONS } from '../partitions.js';
import { type LogPublisher, Relay } from '../relay/relay.js';
import { acceptCopy } from '../witness/accept-copy.js';
import { LogOwner } from '../witness/log-owner.js';

const OWNERS = ['auth', 'session', 'token'] as const;

/** The three owners' outboxes in one real database. Nothing runs by itself: a spec steps the relays. */
export class LogWorld {
  /** Where numbered rows go on to; nowhere with the Postgres log. */
  publisherOf: ((source: SourceName) => LogPublisher & { publishAll(): Promise<void> }) | undefined;

  private constructor(
    readonly database: TestDatabase,
    readonly owners: Readonly<Record<SourceName, Database>>,
    readonly dataDir: string,
    readonly partitions: number,
  ) {}

  static async create({ partitions = PARTITIONS }: { partitions?: number } = {}): Promise<LogWorld> {
    const database = await createTestDatabase();
    const open = (source: SourceName) => openOwner(database, source);
    const world = new LogWorld(
      database,
      { auth: await open('auth'), session: await open('session'), token: await open('token') },
      await mkdtemp(join(tmpdir(), 'lanyard-log-')),
      partitions,
    );
    await world.vouch();
    return world;
  }

  get logUrl(): string {
    return this.database.url('lanyard_log');
  }

  async publish(source: SourceName, change: Change): Promise<RevocationEntry[]> {
    return this.owners[source].transaction((tx) => new Outbox(source, this.partitions).add(tx, change));
  }

  /** A transaction that has written and not committed. */
  async hold(source: SourceName, change: Change): Promise<{ commit(): Promise<void> }> {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let written: () => void = () => undefined;
    const ready = new Promise<void>((resolve) => {
      written = resolve;
    });
    const done = this.owners[source].transaction(async (tx) => {
      await new Outbox(source, this.partitions).add(tx, change);
      written();
      await gate;
    });
    await Promise.race([ready, done]);
    return {
      commit: () => {
        release();
        return done;
      },
    };
  }

  async relay(source: SourceName): Promise<void> {
    const publisher = this.publisherOf?.(source);
    await new Relay(this.owners[source], source, { publisher }).stepAll();
    await publisher?.publishAll();
  }

  /** As an owner does at every start. */
  async vouch(): Promise<void> {
    for (const source of OWNERS) {
      const owner = new LogOwner(this.owners[source], source, { dataDir: this.dataDir, partitions: this.partitions });
      await owner.start();
      await owner.stop();
    }
  }

  /** As it was before anything was published; and an operator has let it go on. The server is the same, and was never restarted. */
  async restore(): Promise<void> {
    for (const source of OWNERS) {
      await this.database.query(`DELETE FROM ${source}.outbox`);
      await this.database.query(`UPDATE ${source}.outbox_partition SET last_pseq = 0, published = 0, passed = 0, swept = 0`);
      await this.database.query(`UPDATE ${source}.log_reader SET position = 0`);
      await this.database.query(`UPDATE ${source}.log_position SET position = 0`);
      await this.database.query(`DELETE FROM ${source}.handled_event`);
      await acceptCopy(this.owners[source], source, this.dataDir);
    }
    await this.vouch();
  }

  async close(): Promise<void> {
    await Promise.all(OWNERS.map((source) => this.owners[source].close()));
    await this.database.drop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

async function openOwner(database: TestDatabase, source: SourceName): Promise<Database> {
  return openDatabase({
    url: database.url(`lanyard_${source}`),
    schema: source,
    entities: [],
    migrations: [migrationOf(source)],
    applicationName: `spec ${source}`,
    poolSize: 6,
  });
}

function migrationOf(source: SourceName): MigrationClass {
  const steps = [outboxMigration(source), lineageMigration(source), groupReaderMigration(source), closedLettersMigration(source)];
  const statements = steps.flatMap(({ up }) => up);
  const undo = steps.toReversed().flatMap(({ down }) => down);
  return class LogTables1700000000000 {
    async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
      for (const statement of statements) await runner.query(statement);
    }

    async down(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
      for (const statement of undo) await runner.query(statement);
    }
  };
}
