import { createTestDatabase, type TestDatabase, until, WayToPostgres } from '#libs/testing';
import { type Database, isUnavailable, openDatabase } from '../src/index.js';

/** A second of patience, at most one for the question over another connection, and what a busy machine takes. */
const BOUND_MS = 4_000;

let test: TestDatabase;
let way: WayToPostgres;
let database: Database;
beforeAll(async () => {
  test = await createTestDatabase();
  await test.query('CREATE TABLE ephemeral.seat (name text PRIMARY KEY, taken int NOT NULL)');
  await test.query("INSERT INTO ephemeral.seat VALUES ('a', 0), ('b', 0)");
  await test.query('GRANT SELECT, UPDATE ON ephemeral.seat TO lanyard_introspect');
  way = await WayToPostgres.to(test.url('lanyard_introspect'));
  database = await openDatabase({ url: way.url, schema: 'ephemeral', entities: [], migrations: [], applicationName: 'spec' });
});
afterEach(() => way.answerAgain());
afterAll(async () => {
  await way?.close();
  await database?.close();
  await test?.drop();
});

const unavailable = (outcome: PromiseSettledResult<unknown>) => outcome.status === 'rejected' && isUnavailable(outcome.reason);
const taken = async (name: string) =>
  (await test.query<{ taken: number }>('SELECT taken FROM ephemeral.seat WHERE name = $1', [name]))[0]?.taken;
const take = "UPDATE seat SET taken = taken + 1 WHERE name = 'a'";

/** Connections of the pool, all idle. */
async function open(count: number): Promise<void> {
  await until(async () => (await Promise.all(Array.from({ length: count }, () => database.query('SELECT 1')))).length === count);
}

interface Timed {
  readonly outcome: PromiseSettledResult<unknown>;
  readonly ms: number;
}

async function timed(work: Promise<unknown>): Promise<Timed> {
  const began = performance.now();
  const [outcome] = await Promise.allSettled([work]);
  return { outcome, ms: performance.now() - began };
}

it('an open connection that falls silent is unavailable within the bound, for a query and in the midst of a transaction', async () => {
  await open(4);
  const asked: Timed[] = [];
  const whole = await timed(
    database.transaction(async (tx) => {
      await tx.query(take);
      way.fallSilent();
      asked.push(...(await Promise.all([timed(tx.query(take)), timed(database.query(take))])));
      await tx.query(take);
    }),
  );
  expect([whole, ...asked].map(({ outcome }) => unavailable(outcome))).toEqual([true, true, true]);
  for (const { ms } of [whole, ...asked]) expect(ms).toBeLessThan(BOUND_MS);
  expect(await taken('a')).toBe(0);
});

it('nobody waits for the next dead connection in turn, and no lock outlives the silence', async () => {
  await open(8);
  const held = database.transaction(async (tx) => {
    await tx.query(take);
    way.fallSilent();
    await tx.query(take);
  });
  expect(unavailable((await timed(held)).outcome)).toBe(true);
  way.answerAgain();
  const after = await timed(Promise.all(Array.from({ length: 8 }, () => database.query('SELECT 1'))));
  expect(after.outcome.status).toBe('fulfilled');
  expect(after.ms).toBeLessThan(1_000);
  const locked = await timed(database.query(take));
  expect(locked.outcome.status).toBe('fulfilled');
  expect(locked.ms).toBeLessThan(2_000);
  expect(await taken('a')).toBe(1);
});

it('where only what was open is dead, its connections are dropped and new ones serve', async () => {
  await open(4);
  way.forgetOpenOnes();
  const first = await timed(database.query("UPDATE seat SET taken = 7 WHERE name = 'b'"));
  expect(unavailable(first.outcome)).toBe(true);
  expect(first.ms).toBeLessThan(BOUND_MS);
  const next = await timed(Promise.all(Array.from({ length: 4 }, () => database.query('SELECT 1'))));
  expect(next.outcome.status).toBe('fulfilled');
  expect(next.ms).toBeLessThan(1_000);
  expect(await taken('b')).toBe(0);
});

it('a statement that a live server is at work on is waited for, however quiet', async () => {
  const { outcome, ms } = await timed(database.query('SELECT pg_sleep(4.5)'));
  expect(outcome.status).toBe('fulfilled');
  expect(ms).toBeGreaterThan(BOUND_MS);
});

it('a server that takes connections and says nothing is unavailable after two seconds, for a query and for a transaction', async () => {
  way.fallSilent();
  await timed(database.query('SELECT 1'));
  const asked = await Promise.all([timed(database.query('SELECT 1')), timed(database.transaction((tx) => tx.query('SELECT 1')))]);
  expect(asked.map(({ outcome }) => unavailable(outcome))).toEqual([true, true]);
  for (const { ms } of asked) expect(ms).toBeLessThan(BOUND_MS);
});
