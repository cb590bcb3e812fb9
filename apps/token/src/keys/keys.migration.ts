import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The two partial unique indexes are the second fence behind the line's lock: no line can ever have two keys that sign. */
export class Keys1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE key_lines (
        line text NOT NULL CONSTRAINT key_lines_pkey PRIMARY KEY,
        purpose text NOT NULL CONSTRAINT key_lines_purpose CHECK (purpose IN ('signing', 'sealing', 'refresh_mac')),
        alg text NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE keys (
        kid text NOT NULL CONSTRAINT keys_pkey PRIMARY KEY,
        line text NOT NULL CONSTRAINT keys_line_fkey REFERENCES key_lines (line),
        state text NOT NULL CONSTRAINT keys_state CHECK (state IN ('pending', 'active', 'retiring', 'retired')),
        envelope_version integer NOT NULL,
        envelope text,
        public_jwk jsonb,
        created_at timestamptz NOT NULL,
        activates_at timestamptz NOT NULL,
        replaced_at timestamptz,
        remove_after timestamptz,
        retired_at timestamptz
      )`);
    await runner.query(`CREATE UNIQUE INDEX keys_one_active ON keys (line) WHERE state = 'active'`);
    await runner.query(`CREATE UNIQUE INDEX keys_one_pending ON keys (line) WHERE state = 'pending'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE keys');
    await runner.query('DROP TABLE key_lines');
  }
}
