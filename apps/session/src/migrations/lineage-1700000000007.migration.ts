import type { MigrationInterface, QueryRunner } from 'typeorm';
import { lineageMigration } from '#libs/event-log';

const lineage = lineageMigration('session');

/** The epoch says which restored copy it is of, and group readers may ask for it. */
export class Lineage1700000000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of lineage.up) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of lineage.down) await runner.query(statement);
  }
}
