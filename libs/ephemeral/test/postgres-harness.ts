import { type Database, openDatabase, Pepper } from '#libs/database';
import { type EphemeralHarness, PostgresEphemeral, prepareEphemeralSchema } from '#libs/ephemeral';
import { createTestDatabase, type TestDatabase, TimeMachine } from '#libs/testing';

export interface PostgresHarness extends EphemeralHarness {
  readonly database: TestDatabase;
  close(): Promise<void>;
}

/** All four services prepare the schema at once, as at a first start; the store is then used by the one that owns no schema. */
export async function postgresHarness(): Promise<PostgresHarness> {
  const database = await createTestDatabase();
  const open = (role: 'auth' | 'session' | 'token' | 'introspect', schema: string = role) =>
    openDatabase({ url: database.url(`lanyard_${role}`), schema, entities: [], migrations: [], applicationName: 'ephemeral spec' });
  const pools: Database[] = await Promise.all([open('introspect', 'ephemeral'), open('auth'), open('session'), open('token')]);
  await Promise.all(pools.map((pool) => prepareEphemeralSchema(pool)));
  const time = new TimeMachine(database);
  const [own] = pools;
  if (!own) throw new Error('no pool');
  return {
    database,
    ephemeral: new PostgresEphemeral(own, new Pepper('p'.repeat(32))),
    advance: (ms) => time.advance(ms),
    async lose() {
      await database.query('TRUNCATE ephemeral.counter, ephemeral.mark, ephemeral.object, ephemeral.born');
    },
    async close() {
      await Promise.all(pools.map((pool) => pool.close()));
      await database.drop();
    },
  };
}
