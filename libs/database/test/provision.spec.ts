import pg from 'pg';
import { createTestDatabase, type TestDatabase, TimeMachine } from '#libs/testing';
import { provision, ROLES, type Role, SERVICE_ROLES } from '../src/index.js';

const passwords = Object.fromEntries(ROLES.map((role) => [role, 'only-for-tests-on-loopback'])) as Record<Role, string>;

describe('provision', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase();
  });
  afterAll(() => test.drop());

  const as = async (role: Role, sql: string): Promise<pg.QueryResult> => {
    const client = new pg.Client({ connectionString: test.url(role) });
    await client.connect();
    try {
      return await client.query(sql);
    } finally {
      await client.end();
    }
  };

  it('may be repeated, also by several at once, and keeps what is there', async () => {
    await as('lanyard_session', 'CREATE TABLE session.kept (n int); INSERT INTO session.kept VALUES (1)');
    const again = () => provision({ adminUrl: test.adminUrl, database: test.name, passwords });
    await Promise.all([again(), again(), again()]);
    expect((await as('lanyard_session', 'SELECT n FROM kept')).rows).toEqual([{ n: 1 }]);
  });

  const owners = Object.entries(SERVICE_ROLES).filter(([, schema]) => schema) as [Role, string][];
  const strangers = owners.flatMap(([owner, schema]) =>
    ROLES.filter((role) => role !== owner).map((role) => [role, owner, schema] as const),
  );

  it.each(strangers)('%s can’t read what %s keeps in %s', async (role, owner, schema) => {
    await as(owner, `CREATE TABLE IF NOT EXISTS ${schema}.secret (n int)`);
    await expect(as(role, `SELECT * FROM ${schema}.secret`)).rejects.toMatchObject({ code: '42501' });
  });

  it('lanyard_log can’t create, write or run what it was not given', async () => {
    await as('lanyard_token', 'CREATE OR REPLACE FUNCTION token.internal() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$');
    await expect(as('lanyard_log', 'SELECT token.internal()')).rejects.toMatchObject({ code: '42501' });
    await expect(as('lanyard_log', 'CREATE TABLE session.mine (n int)')).rejects.toMatchObject({ code: '42501' });
    await expect(as('lanyard_log', 'CREATE TABLE public.mine (n int)')).rejects.toMatchObject({ code: '42501' });
    await expect(as('lanyard_log', 'CREATE TABLE lanyard.mine (n int)')).rejects.toMatchObject({ code: '42501' });
  });

  it('whichever service makes a table in ephemeral, every service can use it and lanyard_log can’t', async () => {
    await as('lanyard_introspect', 'CREATE TABLE ephemeral.mark (n int)');
    await as('lanyard_auth', 'INSERT INTO ephemeral.mark VALUES (1)');
    expect((await as('lanyard_token', 'DELETE FROM ephemeral.mark RETURNING n')).rows).toEqual([{ n: 1 }]);
    await expect(as('lanyard_log', 'SELECT * FROM ephemeral.mark')).rejects.toMatchObject({ code: '42501' });
  });

  it('an administrator without superuser rights can provision, as on a managed Postgres', async () => {
    await test.query(`CREATE ROLE plain_${test.name} LOGIN CREATEDB CREATEROLE PASSWORD 'p'`);
    for (const role of [...ROLES, 'lanyard_ephemeral']) await test.query(`GRANT ${role} TO plain_${test.name} WITH ADMIN OPTION`);
    const url = new URL(test.adminUrl);
    url.username = `plain_${test.name}`;
    url.password = 'p';
    const database = `${test.name}_managed`;
    await provision({ adminUrl: url.href, database, passwords });
    await test.query(`DROP DATABASE ${database}`);
    await test.query(`DROP OWNED BY plain_${test.name} CASCADE; DROP ROLE plain_${test.name}`);
  });

  it('every role tells time by one clock, which the time machine turns', async () => {
    const time = new TimeMachine(test);
    const before = await time.now();
    await time.advance(3_600_000);
    const { rows } = await as('lanyard_log', 'SELECT lanyard.now_ms() AS ms, lanyard.ms(lanyard.from_ms(1234567890123)) AS same');
    expect(Number(rows[0].ms) - before).toBeGreaterThanOrEqual(3_600_000);
    expect(rows[0].same).toBe(1234567890123);
    await time.freezeAt(1_700_000_000_001);
    expect([await time.now(), await time.now()]).toEqual([1_700_000_000_001, 1_700_000_000_001]);
    await provision({ adminUrl: test.adminUrl, database: test.name, passwords });
    expect(await time.now()).toBe(1_700_000_000_001);
    await time.reset();
    expect(await time.now()).toBeLessThan(before + 3_600_000);
  });
});
