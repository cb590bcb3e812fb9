import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Consents that were taken back, so that a code given under one is worth nothing. */
export class WithdrawnConsents1764000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE withdrawn_consents (
        consent_id text NOT NULL CONSTRAINT withdrawn_consents_pkey PRIMARY KEY,
        withdrawn_at timestamptz NOT NULL
      )`);
    await runner.query('CREATE INDEX withdrawn_consents_swept ON withdrawn_consents (withdrawn_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE withdrawn_consents');
  }
}
