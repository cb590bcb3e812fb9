import type { MigrationInterface, QueryRunner } from 'typeorm';

/** People, clients, APIs with their scopes, and consents. */
export class Records1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE subject (
        sub text NOT NULL CONSTRAINT subject_pkey PRIMARY KEY,
        username text NOT NULL,
        username_key text NOT NULL,
        password_hash text NOT NULL,
        password_changed_at timestamptz NOT NULL,
        claims jsonb NOT NULL,
        roles text[] NOT NULL,
        gen integer NOT NULL,
        disabled boolean NOT NULL,
        from_file boolean NOT NULL,
        left_file boolean NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
      )`);
    await runner.query('CREATE UNIQUE INDEX subject_username ON subject (username_key)');
    await runner.query(`
      CREATE TABLE client (
        client_id text NOT NULL CONSTRAINT client_pkey PRIMARY KEY,
        secrets jsonb NOT NULL,
        metadata jsonb NOT NULL,
        gen integer NOT NULL,
        disabled boolean NOT NULL,
        from_file boolean NOT NULL,
        left_file boolean NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE api (
        identifier text NOT NULL CONSTRAINT api_pkey PRIMARY KEY,
        name text,
        access_token_format text NOT NULL,
        left_file boolean NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE scope (
        name text NOT NULL CONSTRAINT scope_pkey PRIMARY KEY,
        api text NOT NULL,
        description text,
        left_file boolean NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE consent (
        consent_id text NOT NULL CONSTRAINT consent_pkey PRIMARY KEY,
        sub text NOT NULL,
        client_id text NOT NULL,
        scopes text[] NOT NULL,
        declined text[] NOT NULL,
        granted_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        revoked_at timestamptz,
        grants_revoked_at timestamptz
      )`);
    await runner.query('CREATE UNIQUE INDEX consent_active ON consent (sub, client_id) WHERE revoked_at IS NULL');
    await runner.query(
      'CREATE INDEX consent_unfinished ON consent (revoked_at) WHERE revoked_at IS NOT NULL AND grants_revoked_at IS NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE consent, scope, api, client, subject');
  }
}
