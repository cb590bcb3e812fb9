/** What the simulation's database has beside the product's schema: a clock that is a sequence, a way to look, a way to clear. */
export const SUBJECTS = ['jane', 'john'] as const;

const web = {
  application_type: 'web',
  grant_types: ['authorization_code', 'refresh_token'],
  scope: 'profile online_access offline_access',
};

export const CLIENTS = [
  { ...web, client_id: 'shop', token_endpoint_auth_method: 'client_secret_basic', backchannel_logout_uri: 'https://shop.example/logout' },
  { ...web, client_id: 'book', token_endpoint_auth_method: 'client_secret_basic', backchannel_logout_uri: 'https://book.example/logout' },
  { ...web, client_id: 'viewer', application_type: 'browser', scope: 'profile online_access', token_endpoint_auth_method: 'none' },
] as const;

const EMPTIED = [
  'session.delivery_attempt',
  'session.delivery',
  'session.participant',
  'session.session',
  'session.subject_generation',
  'session.view',
  'token.grants',
  'token.authorization_codes',
  'token.withdrawn_consents',
  'token.subject_generations',
  ...['session', 'token'].flatMap((schema) => [`${schema}.handled_event`, `${schema}.dead_letter`, `${schema}.log_position`]),
  ...['auth', 'session', 'token'].map((schema) => `${schema}.outbox`),
];

const rowsOf = (what: string, columns: string, from: string) =>
  `'${what}', (SELECT coalesce(jsonb_agg(jsonb_build_object(${columns})), '[]') FROM ${from})`;

const outboxOf = (schema: string) =>
  `SELECT '${schema}' AS source, row_id, stream, partition, event_id, pseq, name, key, (body->>'gen')::int AS gen FROM ${schema}.outbox`;

export const SQL = {
  /** No transaction and no DDL to move it, and every statement reads it anew. */
  clock: (now: number) => `
    CREATE SCHEMA sim; GRANT USAGE ON SCHEMA sim TO PUBLIC;
    CREATE SEQUENCE sim.clock START ${now}; SELECT setval('sim.clock', ${now}); GRANT SELECT ON sim.clock TO PUBLIC;
    CREATE OR REPLACE FUNCTION lanyard.now() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE
      AS $$ SELECT timestamptz 'epoch' + last_value * interval '1 millisecond' FROM sim.clock $$;`,
  subject: `INSERT INTO auth.subject (sub, username, username_key, password_hash, password_changed_at, claims, roles, gen, disabled, from_file,
      left_file, created_at, updated_at)
    VALUES ($1, $1, $1, '', lanyard.now(), '{}', '{}', 0, false, false, false, lanyard.now(), lanyard.now())`,
  client: `INSERT INTO auth.client (client_id, secrets, metadata, gen, disabled, from_file, left_file, created_at, updated_at)
    VALUES ($1, '[]', $2, 0, false, false, false, lanyard.now(), lanyard.now())`,
  vouch: (schema: string) => `INSERT INTO ${schema}.log_epoch_vouched (epoch) VALUES (${schema}.log_epoch())`,
  look: `CREATE FUNCTION sim.look() RETURNS jsonb LANGUAGE sql VOLATILE AS $$ SELECT jsonb_build_object(
    ${rowsOf('sessions', "'sid', sid, 'sub', sub, 'gen', subject_gen, 'state', state, 'end_id', end_id, 'reason', end_reason, 'due', lanyard.ms(idle_deadline)", 'session.session')},
    ${rowsOf('participants', "'sid', sid, 'client', client_id, 'round', round", 'session.participant')},
    ${rowsOf('deliveries', "'sid', sid, 'client', client_id, 'round', round, 'state', state", 'session.delivery')},
    ${rowsOf('grants', "'gid', gid, 'sid', sid, 'sub', sub, 'mode', access_mode, 'seq', refresh_seq, 'rotated', lanyard.ms(rotated_at), 'revoked', revoke_reason", 'token.grants')},
    ${rowsOf('codes', "'mac', code_mac, 'gid', gid", 'token.authorization_codes')},
    ${rowsOf('subjects', "'sub', sub, 'gen', gen, 'disabled', disabled", 'auth.subject')},
    ${rowsOf('outbox', "'source', source, 'row', row_id, 'stream', stream, 'partition', partition, 'event', event_id, 'number', pseq, 'name', name, 'key', key, 'gen', gen", `(${['auth', 'session', 'token'].map(outboxOf).join(' UNION ALL ')}) o`)},
    ${rowsOf('positions', "'reader', reader, 'source', source, 'partition', partition, 'position', position", `(${['session', 'token'].map((s) => `SELECT '${s}' AS reader, source, partition, position FROM ${s}.log_position WHERE stream = 'events'`).join(' UNION ALL ')}) g`)},
    ${rowsOf('done', "'of', of", `(${['session', 'token'].map((s) => `SELECT '${s} ' || event_id AS of FROM ${s}.handled_event UNION ALL SELECT '${s} ' || event_id FROM ${s}.dead_letter`).join(' UNION ALL ')}) d`)},
    ${rowsOf('last', "'of', of, 'number', last_pseq, 'published', published", `(${['auth', 'session', 'token'].map((s) => `SELECT '${s} ' || stream || ' ' || partition AS of, last_pseq, published FROM ${s}.outbox_partition`).join(' UNION ALL ')}) p`)}
  ) $$`,
  clear: `CREATE FUNCTION sim.clear() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    ${EMPTIED.map((table) => `DELETE FROM ${table};`).join('\n    ')}
    ${['auth', 'session', 'token']
      .map(
        (
          s,
        ) => `UPDATE ${s}.outbox_partition SET last_pseq = 0, published = 0, passed = 0, swept = 0; PERFORM setval('${s}.log_ticket', 1, false);
    UPDATE ${s}.log_reader SET position = 0, reported_at = NULL; PERFORM setval(pg_get_serial_sequence('${s}.outbox', 'row_id'), 1, false);`,
      )
      .join('\n    ')}
    PERFORM setval(pg_get_serial_sequence('session.delivery', 'delivery_id'), 1, false);
    UPDATE auth.subject SET gen = 0, disabled = false;
  END $$`,
  /** A vacuum by itself takes locks that no seed knows of. */
  quiet: EMPTIED.map((table) => `ALTER TABLE ${table} SET (autovacuum_enabled = false)`).join('; '),
  sweep: [
    `TRUNCATE ${EMPTIED.join(', ')}`,
    ...['auth.subject', ...['auth', 'session', 'token'].flatMap((s) => [`${s}.outbox_partition`, `${s}.log_reader`])].map(
      (table) => `VACUUM ${table}`,
    ),
  ],
} as const;
