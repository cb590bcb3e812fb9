import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { provision, ROLES, type Role } from '#libs/database';

export interface TestDatabase {
  readonly name: string;
  /** A superuser's URL of this database. */
  readonly adminUrl: string;
  url(role: Role): string;
  /** Runs SQL as the superuser: to look where no role may, and to break things. */
  query<R extends pg.QueryResultRow = Record<string, unknown>>(text: string, params?: readonly unknown[]): Promise<R[]>;
  drop(): Promise<void>;
}

const PASSWORD = 'only-for-tests-on-loopback';

/** A provisioned database of the caller's own, on the server that jest's global setup started. Drop it in afterAll. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = process.env.LANYARD_TEST_POSTGRES;
  if (!server) throw new Error('no Postgres for the tests: run jest with this repository’s jest.config.js (its global setup starts one)');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const passwords = Object.fromEntries(ROLES.map((role) => [role, PASSWORD])) as Record<Role, string>;
  await provision({ adminUrl: server, database: name, passwords });
  return new ProvisionedDatabase(server, name);
}

class ProvisionedDatabase implements TestDatabase {
  private admin: pg.Pool | undefined;

  constructor(
    private readonly server: string,
    readonly name: string,
  ) {}

  get adminUrl(): string {
    return this.urlWith(() => undefined);
  }

  url(role: Role): string {
    return this.urlWith((url) => {
      url.username = role;
      url.password = PASSWORD;
    });
  }

  async query<R extends pg.QueryResultRow>(text: string, params: readonly unknown[] = []): Promise<R[]> {
    if (!this.admin) {
      this.admin = new pg.Pool({ connectionString: this.adminUrl, max: 4 });
      // Tests terminate backends on purpose; an idle connection that is cut is not an error of the test.
      this.admin.on('error', () => undefined);
    }
    return (await this.admin.query<R>(text, [...params])).rows;
  }

  async drop(): Promise<void> {
    await this.admin?.end();
    this.admin = undefined;
    const client = new pg.Client({ connectionString: this.server });
    await client.connect();
    await client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(this.name)} WITH (FORCE)`);
    await client.end();
  }

  private urlWith(change: (url: URL) => void): string {
    const url = new URL(this.server);
    url.pathname = `/${this.name}`;
    change(url);
    return url.href;
  }
}
