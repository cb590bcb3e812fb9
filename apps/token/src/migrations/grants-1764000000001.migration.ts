import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Grants, codes, and the generations of subjects. Grant rows change with every refresh: fillfactor keeps those updates in their page. */
export class Grants1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE grants (
        gid text NOT NULL CONSTRAINT grants_pkey PRIMARY KEY,
        client_id text NOT NULL,
        sub text NOT NULL,
        subject_gen integer NOT NULL,
        sid text NOT NULL,
        access_mode text NOT NULL CONSTRAINT grants_access_mode CHECK (access_mode IN ('online', 'offline', 'none')),
        consent_id text,
        scope text[] NOT NULL,
        resources text[] NOT NULL,
        auth_time timestamptz NOT NULL,
        amr text[] NOT NULL,
        acr text,
        refresh_seq bigint,
        rotated_at timestamptz,
        late_repeats integer NOT NULL,
        created_at timestamptz NOT NULL,
        last_used_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz,
        revoke_reason text
      ) WITH (fillfactor = 80)`);
    await runner.query('CREATE INDEX grants_of_session ON grants (sid)');
    await runner.query('CREATE INDEX grants_of_subject ON grants (sub, client_id)');
    await runner.query('CREATE INDEX grants_of_consent ON grants (consent_id) WHERE consent_id IS NOT NULL');
    await runner.query('CREATE INDEX grants_expired ON grants (expires_at)');
    await runner.query(REVOKED_IS_ABSORBING);
    await runner.query(
      'CREATE TABLE subject_generations (sub text NOT NULL CONSTRAINT subject_generations_pkey PRIMARY KEY, gen integer NOT NULL)',
    );
    await runner.query(`
      CREATE TABLE authorization_codes (
        code_mac text NOT NULL CONSTRAINT authorization_codes_pkey PRIMARY KEY,
        contents jsonb NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        failures integer NOT NULL,
        consumed_at timestamptz,
        gid text
      )`);
    await runner.query('CREATE INDEX authorization_codes_swept ON authorization_codes (created_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE authorization_codes, subject_generations, grants');
    await runner.query('DROP FUNCTION refuse_unrevoking()');
  }
}

/** Promise 6: nothing turns a revoked grant back on, not even a statement that forgot to look. */
const REVOKED_IS_ABSORBING = `
  CREATE FUNCTION refuse_unrevoking() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION 'a revoked grant does not change';
  END $$;
  CREATE TRIGGER grants_revoked_is_absorbing BEFORE UPDATE ON grants FOR EACH ROW
    WHEN (OLD.revoked_at IS NOT NULL) EXECUTE FUNCTION refuse_unrevoking()`;
