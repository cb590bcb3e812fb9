import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * For the list of grants, however its filters fit what there is: a client whose million grants are revoked, but for none that are asked for. Each
 * grant is in one index of its client, as before: among the live until it is revoked, and then for good among the revoked, which nothing rewrites.
 */
export class GrantLists1764000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX grants_of_client, grants_not_online');
    await runner.query('CREATE INDEX grants_live_of_client ON grants (client_id, access_mode, gid) WHERE revoked_at IS NULL');
    await runner.query('CREATE INDEX grants_revoked_of_client ON grants (client_id, access_mode, gid) WHERE revoked_at IS NOT NULL');
    await runner.query("CREATE INDEX grants_not_online ON grants (access_mode, gid) WHERE access_mode <> 'online' AND revoked_at IS NULL");
    await runner.query('CREATE INDEX grants_revoked ON grants (access_mode, gid) WHERE revoked_at IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX grants_live_of_client, grants_revoked_of_client, grants_not_online, grants_revoked');
    await runner.query('CREATE INDEX grants_of_client ON grants (client_id, gid)');
    await runner.query("CREATE INDEX grants_not_online ON grants (access_mode, gid) WHERE access_mode <> 'online'");
  }
}
