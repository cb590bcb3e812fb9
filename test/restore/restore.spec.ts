import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { SERVICES, SOURCES, type SourceName, sessionApi } from '#libs/contracts';
import { STORY, secretOf, until } from '#libs/testing';
import { deadAt, type Life, ONLINE, PATIENT, signedIn, staysSignedIn } from '../ends/life.js';
import { startWorld, type World } from '../world.js';

/**
 * Promise 6 with a backup: life goes on after the copy was made, the copy is put in the database's place, and the data directory is the one that
 * was always there. Every service is one of ours, the copy is Postgres' own, and the command is a process.
 */
let world: World;
beforeAll(async () => {
  world = await startWorld({ settings: PATIENT });
}, 360_000);
afterAll(() => world?.close(), 180_000);

const COMMAND = join(import.meta.dirname, '../../bin/lanyard.mjs');
const END_ALL = ['restore', '--end-all-sessions', '--yes'];

function lanyard(args: string[], env: Record<string, string> = {}): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...args], { env: { PATH: process.env.PATH, ...env } }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    );
  });
}

/** Where the command finds the owners' databases and the witness files. */
const place = () => ({
  LANYARD_DATA_DIR: dataDir(),
  ...Object.fromEntries(SOURCES.map((source) => [`${source.toUpperCase()}_DATABASE_URL`, world.stand.database.url(`lanyard_${source}`)])),
});
const dataDir = () => join(world.stand.folder, 'data');
const witnessFile = (source: SourceName) => join(dataDir(), `log-witness-${source}.json`);

/** From another database: this one must be nobody's while it is copied or renamed. */
async function onServer(...statements: string[]): Promise<void> {
  const url = new URL(world.stand.database.adminUrl);
  url.pathname = '/postgres';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [world.stand.database.name]);
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

const stopAll = () => Promise.all(SERVICES.map((name) => world.services.stopOne(name)));

async function makeCopy(): Promise<void> {
  const { name } = world.stand.database;
  await stopAll();
  await onServer(`CREATE DATABASE ${name}_copy TEMPLATE ${name}`);
  await world.services.startAll();
}

async function putCopyInPlace(): Promise<void> {
  const { name } = world.stand.database;
  await stopAll();
  await onServer(`DROP DATABASE ${name} WITH (FORCE)`, `ALTER DATABASE ${name}_copy RENAME TO ${name}`);
  // A restore means a new server, or a restarted one: what was vouched for on the old one counts for nothing.
  for (const source of SOURCES) await world.stand.database.query(`UPDATE ${source}.log_epoch_vouched SET epoch = 'of another server'`);
}

async function witnessed(): Promise<void> {
  const sql = `SELECT stream || '/' || partition AS id, last_pseq FROM session.outbox_partition WHERE last_pseq > 0`;
  await until(async () => {
    const numbers = JSON.parse(readFileSync(witnessFile('session'), 'utf8')) as Record<string, number>;
    const rows = await world.stand.database.query<{ id: string; last_pseq: number }>(sql);
    return rows.every(({ id, last_pseq }) => numbers[id] === Number(last_pseq));
  });
}

/** So that what is issued after the copy carries generations that the copy does not know. */
async function raiseGenerations(sub: string): Promise<void> {
  const who = { LANYARD_ISSUER: world.issuer, LANYARD_CLIENT_ID: 'admin-cli', LANYARD_CLIENT_SECRET: secretOf('admin-cli') };
  for (const act of ['disable', 'enable', 'disable', 'enable']) {
    expect([0, 5]).toContain((await lanyard(['users', act, sub], who)).code);
    expect([0, 5]).toContain((await lanyard(['clients', act, 'photo-shop'], who)).code);
  }
}

const generations = () => world.stand.database.query('SELECT sub, gen FROM auth.subject ORDER BY sub');

/** The reason travels: the session of the copy, its event, and the audits of session and token. */
async function endedByRestore({ sid, sub }: Life): Promise<void> {
  const { database } = world.stand;
  const by = { actor: 'operator', reason: 'restore' };
  const [event] = await database.query("SELECT body FROM session.outbox WHERE name = 'SessionEnded' AND key = $1", [sid]);
  expect(event?.body).toMatchObject({ ...by, initiated_by: 'admin', end_id: expect.any(String) });
  expect(await database.query("SELECT actor, reason FROM session.audit WHERE action = 'session.ended' AND target = $1", [sid])).toEqual([
    by,
  ]);
  const retired = "SELECT actor, reason FROM token.audit WHERE action = 'grants.revoked' AND target = ANY ($1)";
  await until(async () => (await database.query(retired, [[sid, sub]])).length > 0, { what: 'the grants of the copy are retired' });
  for (const row of await database.query(retired, [[sid, sub]])) expect(row).toEqual(by);
}

describe('a restored copy', () => {
  let before: Life;
  let endedSince: Life;
  let after: Life;

  beforeAll(async () => {
    before = await signedIn(world);
    endedSince = await signedIn(world, STORY.john);
    await makeCopy();
    await world.stand.call('auth', sessionApi.end, { sid: endedSince.sid, reason: 'admin', initiated_by: 'admin', actor: null });
    await deadAt(world, 'photo-shop', endedSince.online);
    await raiseGenerations(before.sub);
    after = await signedIn(world);
    await witnessed();
    await putCopyInPlace();
    await Promise.all(SERVICES.map((name) => world.services.start(name)));
  }, 360_000);

  it('is refused with a sentence that names it, and nothing is active on it', async () => {
    const said = async () => (await fetch(`${world.stand.internalUrl('session')}/health/ready`)).text();
    expect(await until(async () => /is a restored copy: [^"]+/.exec(await said())?.[0])).toContain('had reached');
    for (const life of [before, endedSince, after]) {
      expect(await world.raw('gateway').introspect(life.online.access_token)).toMatchObject({ status: 503 });
    }
  });

  it('is explained, and left alone, without the two switches that decide', async () => {
    expect(await lanyard(['restore'], place())).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('--end-all-sessions --yes'),
    });
    expect((await lanyard(['restore', '--end-all-sessions'], place())).code).toBe(2);
    expect(existsSync(witnessFile('session'))).toBe(true);
  });

  it('is not touched while a service runs', async () => {
    const was = await generations();
    expect(await lanyard(END_ALL, place())).toMatchObject({ code: 1, err: expect.stringMatching(/still connected .* stop Lanyard first/) });
    expect(await generations()).toEqual(was);
  });

  it('stays refused when the command dies before its end is committed, or right after', async () => {
    await stopAll();
    const was = await generations();
    await world.stand.database.query('ALTER TABLE auth.audit RENAME TO audit_away');
    expect((await lanyard(END_ALL, place())).code).toBe(1);
    await world.stand.database.query('ALTER TABLE auth.audit_away RENAME TO audit');
    expect(await generations()).toEqual(was);
    // Committed, and then the session database is gone: the witness was forgotten, and the refusal in the database still holds.
    await world.stand.database.query('ALTER TABLE session.log_epoch_vouched RENAME TO away');
    expect((await lanyard(END_ALL, place())).code).toBe(1);
    await world.stand.database.query('ALTER TABLE session.away RENAME TO log_epoch_vouched');
    expect(await generations()).not.toEqual(was);
    const [row] = await world.stand.database.query('SELECT refused FROM session.log_epoch_vouched');
    expect(row?.refused).toEqual(expect.any(String));
  }, 180_000);

  it('goes on when everything has been ended: nothing from before or after the copy is active, and people sign in anew', async () => {
    const { code, out } = await lanyard([...END_ALL, '--json'], place());
    expect({ code, done: JSON.parse(out) }).toEqual({
      code: 0,
      done: { subjects: 2, clients: expect.any(Number), witnesses: SOURCES.map(witnessFile) },
    });
    await world.services.startAll();
    // A service that has just come up may still say "later", which is no yes; the answer is what counts.
    await until(async () => (await world.raw('photo-shop').userinfo(after.online.access_token)).status !== 503);
    for (const life of [before, endedSince, after]) {
      await deadAt(world, 'photo-shop', life.online);
      await deadAt(world, 'photo-backup', life.offline);
      expect(await staysSignedIn(world, life.agent)).toBe(false);
    }
    const open = "SELECT count(*) AS n FROM session.session WHERE state = 'active'";
    await until(async () => Number((await world.stand.database.query(open))[0]?.n) === 0, { what: 'every session of the copy is ended' });
    const tokens = await world.tokensFor(before.agent, world.shop, ONLINE);
    expect(await world.isActive(tokens.access_token)).toBe(true);
    expect((await world.patient('photo-shop').refresh(tokens.refresh_token)).status).toBe(200);
    expect(await world.stand.database.query("SELECT actor, details FROM auth.audit WHERE action = 'installation.restored'")).toContainEqual(
      {
        actor: 'operator',
        details: { subjects: 2, clients: expect.any(Number) },
      },
    );
    await endedByRestore(before);
  }, 180_000);
});
