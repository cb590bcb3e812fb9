import type { MigrationInterface, QueryRunner } from 'typeorm';
import { groupReaderMigration, outboxMigration } from '#libs/event-log';

/** Out: the outbox. In: how far this service has read others' events. */
export class EventLog1764000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const { up } of [outboxMigration('token'), groupReaderMigration('token')]) for (const text of up) await runner.query(text);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { down } of [groupReaderMigration('token'), outboxMigration('token')]) for (const text of down) await runner.query(text);
  }
}
