import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * For the admin API's lists. By gid, not by time: every refresh rewrites the row, and each index on it is paid for then; the one on a client is
 * the only new one that online grants have to carry.
 */
export class AdminLists1764000000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX grants_of_client ON grants (client_id, gid)');
    await runner.query("CREATE INDEX grants_not_online ON grants (access_mode, gid) WHERE access_mode <> 'online'");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX grants_of_client, grants_not_online');
  }
}
