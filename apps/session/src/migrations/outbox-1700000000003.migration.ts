import type { MigrationInterface, QueryRunner } from 'typeorm';
import { groupReaderMigration, outboxMigration } from '#libs/event-log';

const publishing = outboxMigration('session');
const reading = groupReaderMigration('session');

/** What this service publishes, and where it stands in what it reads of others. */
export class Outbox1700000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...publishing.up, ...reading.up]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of [...reading.down, ...publishing.down]) await runner.query(statement);
  }
}
