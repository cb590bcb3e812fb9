import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the admin API and the account pages read: since when offline access, users by the beginning of their name, the audit by actor. */
export class Admin1700000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE consent ADD COLUMN offline_since timestamptz');
    // Agreed to at some time since; the audit knows when, and this is the latest it can have been.
    await runner.query("UPDATE consent SET offline_since = updated_at WHERE 'offline_access' = ANY (scopes)");
    // The unique index compares by the database's collation, which can't answer LIKE 'x%'.
    await runner.query('CREATE INDEX subject_username_prefix ON subject (username_key text_pattern_ops)');
    await runner.query('CREATE INDEX audit_by_actor ON audit (actor, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX audit_by_actor, subject_username_prefix');
    await runner.query('ALTER TABLE consent DROP COLUMN offline_since');
  }
}
