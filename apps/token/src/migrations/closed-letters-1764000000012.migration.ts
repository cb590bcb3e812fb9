import type { MigrationInterface, QueryRunner } from 'typeorm';
import { closedLettersMigration } from '#libs/event-log';

const letters = closedLettersMigration('token');

/** Dead letters that an operator has closed, and why. */
export class ClosedLetters1764000000012 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of letters.up) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of letters.down) await runner.query(statement);
  }
}
