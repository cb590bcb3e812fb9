import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Logout deliveries and every attempt at them. */
export class Deliveries1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE delivery (
        delivery_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT delivery_pkey PRIMARY KEY,
        sid text NOT NULL CONSTRAINT delivery_session REFERENCES session (sid) ON DELETE CASCADE,
        client_id text NOT NULL,
        sub text NOT NULL,
        state text NOT NULL,
        attempts integer NOT NULL,
        created_at timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        claim text,
        give_up_at timestamptz NOT NULL,
        finished_at timestamptz,
        reason text,
        CONSTRAINT delivery_once UNIQUE (sid, client_id)
      ) WITH (fillfactor = 80)`);
    await runner.query("CREATE INDEX delivery_due ON delivery (client_id, due_at) WHERE state = 'pending'");
    await runner.query("CREATE INDEX delivery_dead ON delivery (finished_at) WHERE state = 'dead'");
    await runner.query(`
      CREATE TABLE delivery_attempt (
        delivery_id bigint NOT NULL CONSTRAINT delivery_attempt_delivery REFERENCES delivery (delivery_id) ON DELETE CASCADE,
        jti text NOT NULL,
        at timestamptz NOT NULL,
        outcome text NOT NULL,
        http_status integer,
        reason text,
        took_ms integer NOT NULL,
        CONSTRAINT delivery_attempt_pkey PRIMARY KEY (delivery_id, jti)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE delivery_attempt, delivery');
  }
}
