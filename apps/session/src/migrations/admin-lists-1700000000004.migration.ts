import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Participants that leave and come back, deliveries of a cut, and the orders in which operators read. */
export class AdminLists1700000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  'ALTER TABLE participant ADD COLUMN session_started_at timestamptz, ADD COLUMN round integer NOT NULL DEFAULT 1, ADD COLUMN left_at timestamptz',
  'UPDATE participant p SET session_started_at = s.started_at, left_at = s.ended_at FROM session s WHERE s.sid = p.sid',
  'ALTER TABLE participant ALTER COLUMN session_started_at SET NOT NULL, ALTER COLUMN round DROP DEFAULT',
  'CREATE INDEX participant_present ON participant (client_id, session_started_at, sid) WHERE left_at IS NULL',
  'CREATE INDEX participant_gone ON participant (client_id, session_started_at, sid) WHERE left_at IS NOT NULL',
  'ALTER TABLE delivery ADD COLUMN round integer NOT NULL DEFAULT 1, ADD COLUMN grants_due boolean',
  'ALTER TABLE delivery ALTER COLUMN round DROP DEFAULT, DROP CONSTRAINT delivery_once, ADD CONSTRAINT delivery_once UNIQUE (sid, client_id, round)',
  'DROP INDEX delivery_dead',
  'CREATE INDEX delivery_by_state ON delivery (state, delivery_id)',
  'CREATE INDEX delivery_by_client ON delivery (client_id, state, delivery_id)',
  'CREATE INDEX session_by_age ON session (state, started_at, sid)',
  'CREATE INDEX session_of_subject ON session (sub, state, started_at, sid)',
  'CREATE INDEX session_by_ip ON session (ip, state, started_at, sid)',
];

const DOWN = [
  "CREATE INDEX delivery_dead ON delivery (finished_at) WHERE state = 'dead'",
  'DROP INDEX session_by_age, session_of_subject, session_by_ip, delivery_by_state, delivery_by_client',
  'DELETE FROM delivery WHERE round > 1',
  'ALTER TABLE delivery DROP CONSTRAINT delivery_once, DROP COLUMN round, DROP COLUMN grants_due, ADD CONSTRAINT delivery_once UNIQUE (sid, client_id)',
  'ALTER TABLE participant DROP COLUMN session_started_at, DROP COLUMN round, DROP COLUMN left_at',
];
