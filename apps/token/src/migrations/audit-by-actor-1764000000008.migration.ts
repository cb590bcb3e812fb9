import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What one actor did is read along an index, however long the audit is. */
export class AuditByActor1764000000008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX audit_by_actor ON audit (actor, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX audit_by_actor');
  }
}
