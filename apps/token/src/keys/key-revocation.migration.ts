import type { MigrationInterface, QueryRunner } from 'typeorm';

export class KeyRevocation1764000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE keys ADD COLUMN revoked_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE keys DROP COLUMN revoked_at');
  }
}
