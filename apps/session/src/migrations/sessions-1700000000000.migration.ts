import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sessions, their participants, and the generations of subjects that order sign-ins against mass ends. */
export class Sessions1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE session (
        sid text NOT NULL CONSTRAINT session_pkey PRIMARY KEY,
        sub text NOT NULL,
        subject_gen integer NOT NULL,
        cookie_mac text NOT NULL,
        state text NOT NULL,
        remember boolean NOT NULL,
        auth_time timestamptz NOT NULL,
        amr text[] NOT NULL,
        acr text,
        started_at timestamptz NOT NULL,
        last_seen_at timestamptz NOT NULL,
        idle_deadline timestamptz NOT NULL,
        absolute_deadline timestamptz NOT NULL,
        ip text,
        user_agent text,
        ended_at timestamptz,
        end_reason text,
        end_id text
      ) WITH (fillfactor = 80)`);
    await runner.query('CREATE UNIQUE INDEX session_cookie ON session (cookie_mac)');
    await runner.query("CREATE INDEX session_due ON session (idle_deadline) WHERE state = 'active'");
    await runner.query("CREATE INDEX session_by_subject ON session (sub, last_seen_at) WHERE state = 'active'");
    await runner.query("CREATE INDEX session_swept ON session (ended_at) WHERE state = 'ended'");
    await runner.query(ENDED_IS_ABSORBING);
    await runner.query(`
      CREATE TABLE participant (
        sid text NOT NULL CONSTRAINT participant_session REFERENCES session (sid) ON DELETE CASCADE,
        client_id text NOT NULL,
        joined_at timestamptz NOT NULL,
        CONSTRAINT participant_pkey PRIMARY KEY (sid, client_id)
      )`);
    await runner.query(
      'CREATE TABLE subject_generation (sub text NOT NULL CONSTRAINT subject_generation_pkey PRIMARY KEY, gen integer NOT NULL)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE participant, subject_generation, session');
    await runner.query('DROP FUNCTION refuse_resurrection()');
  }
}

/** S3, kept by the database itself: no statement, not even a mistaken one, turns an ended session back on or ends it twice. */
const ENDED_IS_ABSORBING = `
  CREATE FUNCTION refuse_resurrection() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION 'session % has ended; an ended session never changes', OLD.sid;
  END $$;
  CREATE TRIGGER ended_is_absorbing BEFORE UPDATE ON session FOR EACH ROW WHEN (OLD.state = 'ended') EXECUTE FUNCTION refuse_resurrection()`;
