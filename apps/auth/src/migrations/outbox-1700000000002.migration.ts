import type { MigrationInterface, QueryRunner } from 'typeorm';
import { outboxMigration } from '#libs/event-log';

const publishing = outboxMigration('auth');

/** What this service publishes. It reads no events of others: its view has no table. */
export class Outbox1700000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of publishing.up) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of publishing.down) await runner.query(statement);
  }
}
