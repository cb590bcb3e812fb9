import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Database } from '#libs/database';
import { addPartitions } from '#libs/event-log';
import { Readiness } from '#libs/http';
import { Kek } from '#libs/keys';
import { sealAccessToken } from '#libs/sealing';
import { createTestDatabase, type TestDatabase } from '#libs/testing';
import { openAuthDatabase } from '../../apps/auth/src/database.js';
import { openSessionDatabase } from '../../apps/session/src/database.js';
import { openTokenDatabase } from '../../apps/token/src/database.js';
import { KeyService } from '../../apps/token/src/keys/key-service.js';
import { rotationPolicies } from '../../apps/token/src/keys/rotation-policy.js';
import { SimulatedClock } from './clock.js';
import { Connections } from './connections.js';
import { REDIRECT } from './parts/auth-part.js';
import { ISSUER, SETTINGS } from './settings.js';
import type { Snapshot } from './snapshot.js';
import { CLIENTS, SQL, SUBJECTS } from './tables.js';

const ANY_CLAIMS = {
  iss: ISSUER,
  sub: 'jane',
  aud: ISSUER,
  client_id: 'shop',
  scope: '',
  iat: 0,
  exp: 0,
  jti: 'first',
  gen: [0, 0] as [number, number],
};

/** Of the right form; its key is fetched, and not found. */
const JWT_OF_NO_KEY = [
  ...[{ alg: 'ES256', typ: 'at+jwt', kid: 'none' }, ANY_CLAIMS].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')),
  Buffer.alloc(64, 1).toString('base64url'),
].join('.');

/** What all seeds of one spec file share: a database whose clock is a sequence, open connections, keys. Nothing of a seed survives in it. */
export class Bench {
  readonly connections: Record<'auth' | 'session' | 'token' | 'log', Connections>;
  private told = -1;

  private constructor(
    private readonly database: TestDatabase,
    private readonly owners: Database[],
    /** A superuser's, beside the simulation: it moves the clock, looks, and says who waits. */
    private readonly monitor: pg.Client,
    readonly keys: KeyService,
    /** Of each stream, with Kafka as the log; null: the database is the log. */
    readonly kafkaPartitions: number | null,
  ) {
    this.connections = {
      auth: new Connections(database, 'lanyard_auth', 'auth'),
      session: new Connections(database, 'lanyard_session', 'session'),
      token: new Connections(database, 'lanyard_token', 'token'),
      log: new Connections(database, 'lanyard_log', 'public'),
    };
  }

  static async open(kafkaPartitions: number | null = null): Promise<Bench> {
    const database = await createTestDatabase();
    const [auth, session, token] = [database.url('lanyard_auth'), database.url('lanyard_session'), database.url('lanyard_token')];
    const owners = [
      await openAuthDatabase(auth, 'sim'),
      await openSessionDatabase(session, 'sim'),
      await openTokenDatabase(token, 'sim'),
    ] as const;
    await database.query(SQL.clock(new SimulatedClock().database));
    await database.query(SQL.quiet);
    await database.query(SQL.look);
    await database.query(SQL.clear);
    for (const sub of SUBJECTS) await database.query(SQL.subject, [sub]);
    for (const { client_id, ...metadata } of CLIENTS) {
      await database.query(SQL.client, [client_id, JSON.stringify({ ...metadata, redirect_uris: [REDIRECT] })]);
    }
    for (const [n, source] of (['auth', 'session', 'token'] as const).entries()) {
      if (kafkaPartitions && owners[n]) await addPartitions(owners[n], source, kafkaPartitions);
      await database.query(SQL.vouch(source));
    }
    const keys = new KeyService(owners[2], {
      issuer: ISSUER,
      kek: Kek.local(randomBytes(32), 'LANYARD_KEK'),
      sealingKek: Kek.local(randomBytes(32), 'LANYARD_SEALING_KEK'),
      policies: rotationPolicies(SETTINGS),
      readiness: new Readiness(),
      tickMs: 2 ** 31 - 1,
      monotonic: () => 0,
    });
    await keys.start();
    // From here on no key has to be fetched: no seed leaves the simulation for one.
    for (const token of [sealAccessToken(ANY_CLAIMS, keys.activeSealingKey()), JWT_OF_NO_KEY]) await keys.accessTokens.read(token);
    const monitor = new pg.Client({ connectionString: database.adminUrl });
    await monitor.connect();
    return new Bench(database, [...owners], monitor, keys, kafkaPartitions);
  }

  /** Empty tables, the clock at its beginning. */
  async clear(clock: SimulatedClock): Promise<void> {
    await this.monitor.query({ name: 'clear', text: 'SELECT sim.clear()' });
    this.told = -1;
    await this.tell(clock);
  }

  /** The database's clock follows. */
  async tell({ database }: SimulatedClock): Promise<void> {
    if (this.told === database) return;
    this.told = database;
    await this.monitor.query({ name: 'tell', text: "SELECT setval('sim.clock', $1)", values: [database] });
  }

  async look(): Promise<Snapshot> {
    const { rows } = await this.monitor.query<{ seen: Snapshot }>({ name: 'look', text: 'SELECT sim.look() AS seen' });
    if (!rows[0]) throw new Error('the database showed nothing');
    return rows[0].seen;
  }

  async waiting(): Promise<ReadonlySet<number>> {
    const { rows } = await this.monitor.query<{ pid: number }>({ name: 'waiting', text: 'SELECT pid FROM pg_locks WHERE NOT granted' });
    return new Set(rows.map(({ pid }) => pid));
  }

  async cancel(backend: number): Promise<void> {
    await this.monitor.query('SELECT pg_cancel_backend($1)', [backend]);
  }

  /** Now and then: what seeds delete stays in the files until then. */
  async sweep(): Promise<void> {
    for (const statement of SQL.sweep) await this.monitor.query(statement);
  }

  async close(): Promise<void> {
    await this.keys.stop();
    await Promise.all(Object.values(this.connections).map((connections) => connections.close()));
    await this.monitor.end();
    for (const owner of this.owners) await owner.close();
    await this.database.drop();
  }
}
