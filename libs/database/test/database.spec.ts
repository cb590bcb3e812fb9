import pg from 'pg';
import { EntitySchema, type MigrationInterface, type QueryRunner } from 'typeorm';
import { createTestDatabase, schemaDrift, type TestDatabase, until } from '#libs/testing';
import { Database, isUnavailable, isUniqueViolation, openDatabase } from '../src/index.js';

class Counters1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE counter (name text PRIMARY KEY, n bigint NOT NULL)');
    await runner.query("INSERT INTO counter VALUES ('a', 0), ('b', 0)");
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE counter');
  }
}

const Counter = new EntitySchema<{ name: string; n: number }>({
  name: 'counter',
  tableName: 'counter',
  columns: { name: { type: 'text', primary: true, primaryKeyConstraintName: 'counter_pkey' }, n: { type: 'bigint' } },
});

describe('database', () => {
  let test: TestDatabase;
  let database: Database;
  const open = (url = test.url('lanyard_session')) =>
    openDatabase({ url, schema: 'session', entities: [Counter], migrations: [Counters1700000000000], applicationName: 'spec', waitMs: 0 });

  beforeAll(async () => {
    test = await createTestDatabase();
  });
  afterAll(async () => {
    await database?.close();
    await test.drop();
  });

  it('runs a migration once when three instances start together', async () => {
    const opened = await Promise.all([open(), open(), open()]);
    database = opened[0] as Database;
    await Promise.all(opened.slice(1).map((other) => other.close()));
    const rows = await test.query('SELECT name FROM session.migrations');
    expect(rows).toEqual([{ name: 'Counters1700000000000' }]);
    expect(await schemaDrift(database)).toEqual([]);
  });

  it('is held against its entities with one statement at a time on a connection, as pg wants it', async () => {
    const { query } = pg.Client.prototype;
    const flying = new Map<unknown, number>();
    let most = 0;
    const counted = async function (this: unknown, ...args: unknown[]) {
      const now = (flying.get(this) ?? 0) + 1;
      flying.set(this, now);
      most = Math.max(most, now);
      try {
        return await Reflect.apply(query, this, args);
      } finally {
        flying.set(this, (flying.get(this) ?? 0) - 1);
      }
    };
    const spy = jest.spyOn(pg.Client.prototype, 'query').mockImplementation(counted as never);
    expect(await schemaDrift(database).finally(() => spy.mockRestore())).toEqual([]);
    expect(most).toBe(1);
  });

  it('gives bigint as a number, rows and the count of what was affected', async () => {
    expect(await database.query('SELECT n FROM counter WHERE name = $1', ['a'])).toEqual({ rows: [{ n: 0 }], affected: 1 });
    expect(await database.query('UPDATE counter SET n = n')).toEqual({ rows: [], affected: 2 });
    await database.transaction(async (tx) => {
      expect(await tx.query('UPDATE counter SET n = 1 RETURNING name')).toEqual({ rows: [{ name: 'a' }, { name: 'b' }], affected: 2 });
      expect(await tx.query('SELECT n FROM counter WHERE false')).toEqual({ rows: [], affected: 0 });
    });
  });

  it('commits nothing that took longer than readers of the event log look back', async () => {
    const work = new Database(database.dataSource, -1).transaction((tx) => tx.query('UPDATE counter SET n = 98'));
    await expect(work).rejects.toThrow('took longer than');
    expect((await database.query('SELECT FROM counter WHERE n = 98')).affected).toBe(0);
  });

  it('writes nothing when the work throws, and hands the error on', async () => {
    const work = database.transaction(async (tx) => {
      await tx.query('UPDATE counter SET n = 99');
      throw new Error('changed my mind');
    });
    await expect(work).rejects.toThrow('changed my mind');
    expect((await database.query('SELECT FROM counter WHERE n = 99')).affected).toBe(0);
  });

  it('sees what others commit during a transaction: READ COMMITTED', async () => {
    await database.transaction(async (tx) => {
      await tx.query('SELECT FROM counter');
      await database.query("UPDATE counter SET n = 7 WHERE name = 'b'");
      expect((await tx.query("SELECT n FROM counter WHERE name = 'b'")).rows).toEqual([{ n: 7 }]);
    });
  });

  it('runs the work again after a deadlock', async () => {
    let meet: () => void = () => undefined;
    const bothHoldOne = new Promise<void>((resolve) => {
      let holders = 0;
      meet = () => {
        holders += 1;
        if (holders === 2) resolve();
      };
    });
    let runs = 0;
    const lockBoth = (first: string, second: string) =>
      database.transaction(async (tx) => {
        runs += 1;
        await tx.query('UPDATE counter SET n = 0 WHERE name = $1', [first]);
        meet();
        await bothHoldOne;
        await tx.query('UPDATE counter SET n = 0 WHERE name = $1', [second]);
      });
    await Promise.all([lockBoth('a', 'b'), lockBoth('b', 'a')]);
    expect(runs).toBe(3);
  });

  it('runs the work at most four times when it never serialises', async () => {
    let runs = 0;
    const work = database.transaction(async (tx) => {
      runs += 1;
      await tx.query("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$");
    });
    await expect(work).rejects.toMatchObject({ code: '40001' });
    expect(runs).toBe(4);
  });

  it('names what was cut off or can’t be reached as unavailable, and a duplicate key as one', async () => {
    const cut = database.transaction(async (tx) => {
      const { rows } = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await test.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
      await tx.query('SELECT 1');
    });
    expect(isUnavailable(await cut.catch((error: unknown) => error))).toBe(true);
    const refused = openDatabase({
      url: 'postgres://nobody@127.0.0.1:1/none',
      schema: 'session',
      entities: [],
      migrations: [],
      applicationName: 'spec',
      waitMs: 0,
    });
    expect(isUnavailable(await refused.catch((error: unknown) => error))).toBe(true);
    const duplicate = await database.query("INSERT INTO counter VALUES ('a', 1)").catch((error: unknown) => error);
    expect([isUniqueViolation(duplicate), isUnavailable(duplicate)]).toEqual([true, false]);
  });

  it('waits for a database that refuses connections at first', async () => {
    const late = { url: test.url('lanyard_introspect'), schema: 'ephemeral', entities: [], migrations: [], applicationName: 'late' };
    await test.query(`ALTER DATABASE ${test.name} CONNECTION LIMIT 0`);
    expect(isUnavailable(await openDatabase({ ...late, waitMs: 0 }).catch((error: unknown) => error))).toBe(true);
    const opening = openDatabase({ ...late, waitMs: 10_000 });
    await test.query(`ALTER DATABASE ${test.name} CONNECTION LIMIT -1`);
    await (await opening).close();
  });

  it('lets a pool go on after its connections were cut', async () => {
    const admin = new pg.Client({ connectionString: test.adminUrl });
    await admin.connect();
    await admin.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'spec' AND datname = current_database()",
    );
    await admin.end();
    const one = await until(() => database.query<{ one: number }>('SELECT 1 AS one'));
    expect(one.rows).toEqual([{ one: 1 }]);
  });
});
