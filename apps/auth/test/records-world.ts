import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Catalogue, loadConfig } from '#libs/config';
import { type Database, Pepper } from '#libs/database';
import { Outbox, type Relay } from '#libs/event-log';
import { Log } from '#libs/http';
import { ServiceWorld, testConfig } from '#libs/testing';
import { ConfigurationImport } from '../src/configuration-import/configuration-import.js';
import { openAuthDatabase } from '../src/database.js';

export const QUIET = Log.open({ level: 'silent', service: 'auth' });
export const pepper = new Pepper('a pepper for tests that is long enough');
/** The log's way out is libs/event-log's to test; here only what was written counts. */
export const quietRelay = { nudge: () => undefined } as unknown as Relay;

/** The schema auth on a real database, and files to import into it. */
export class RecordsWorld {
  private constructor(
    readonly services: ServiceWorld,
    readonly db: Database,
    private readonly folder: string,
  ) {}

  static async create(): Promise<RecordsWorld> {
    const services = await ServiceWorld.create(testConfig());
    const db = await openAuthDatabase(services.database.url('lanyard_auth'), 'test');
    return new RecordsWorld(services, db, mkdtempSync(join(tmpdir(), 'lanyard-import-')));
  }

  catalogue(file: Record<string, unknown>): Catalogue {
    const path = join(this.folder, 'lanyard.yaml');
    writeFileSync(path, JSON.stringify(file));
    const { catalogue } = loadConfig('auth', { ...this.services.environment('auth'), LANYARD_CONFIG: path });
    if (!catalogue) throw new Error('no catalogue');
    return catalogue;
  }

  importer(log = QUIET): ConfigurationImport {
    return new ConfigurationImport(this.db, new Outbox('auth'), quietRelay, pepper, log, { issuer: this.services.issuer });
  }

  import(file: Record<string, unknown>) {
    return this.importer().run(this.catalogue(file));
  }

  /** What a transaction has written for the log since the last look, oldest first: `SubjectChanged disabled gen 1`, `client a gen 0`. */
  async published(): Promise<string[]> {
    const { rows } = await this.db.query<{
      row_id: number;
      stream: string;
      name: string;
      key: string;
      body: { gen?: number; change?: string };
    }>('SELECT row_id, stream, name, key, body FROM outbox WHERE row_id > $1 ORDER BY row_id', [this.seen]);
    this.seen = rows.at(-1)?.row_id ?? this.seen;
    return rows.map(({ stream, name, key, body }) =>
      stream === 'events' ? `${name} ${body.change} gen ${body.gen}` : `${name} ${key} gen ${body.gen}`,
    );
  }
  private seen = 0;

  /** Changes whenever any row of the schema does. */
  async fingerprint(): Promise<string> {
    const tables = ['subject', 'client', 'api', 'scope', 'consent', 'audit', 'outbox'];
    const sums = tables.map(
      (table) => `(SELECT coalesce(md5(string_agg(t::text || t.xmin::text, ',' ORDER BY t::text)), '') FROM ${table} t)`,
    );
    const { rows } = await this.db.query<{ print: string }>(`SELECT concat_ws('/', ${sums.join(', ')}) AS print`);
    return rows[0]?.print ?? '';
  }

  async dispose(): Promise<void> {
    await this.db.close();
    await this.services.dispose();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
