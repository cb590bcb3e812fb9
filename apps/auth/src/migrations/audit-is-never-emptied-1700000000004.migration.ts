import type { MigrationInterface, QueryRunner } from 'typeorm';

/** TRUNCATE fires no trigger of rows: it needs one of its own. */
export class AuditIsNeverEmptied1700000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'CREATE TRIGGER audit_is_never_emptied BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER audit_is_never_emptied ON audit');
  }
}
