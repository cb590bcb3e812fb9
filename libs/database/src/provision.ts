import pg from 'pg';
import { CLOCK_FUNCTIONS } from './clock.sql.js';
import { ROLES, type Role, SERVICE_ROLES } from './roles.js';
import { sqlState } from './sql-state.js';

export interface ProvisionOptions {
  /** A role that may create databases and roles. */
  adminUrl: string;
  database: string;
  passwords: Record<Role, string>;
}

/** Any number: serialises provisioning of one server, where two would collide on the roles. */
const LOCK = 7_105_926;

/**
 * Makes the database, its roles and schemas what they should be; may be repeated at every start. Each service's role owns its own
 * schema and sees no other; the clock is everybody's; PUBLIC has nothing.
 */
export async function provision(options: ProvisionOptions): Promise<void> {
  await connected(options.adminUrl, async (admin) => {
    await admin.query('SELECT pg_advisory_lock($1)', [LOCK]);
    await createDatabase(admin, options.database);
    await createRoles(admin, options);
    await connected(urlOf(options.adminUrl, options.database), (inside) => createSchemas(inside, options.database));
  });
}

async function connected(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'lanyard provision', connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function urlOf(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${encodeURIComponent(database)}`;
  return url.href;
}

async function createDatabase(admin: pg.Client, database: string): Promise<void> {
  const { rowCount } = await admin.query('SELECT FROM pg_database WHERE datname = $1', [database]);
  if (rowCount) return;
  await admin.query(`CREATE DATABASE ${pg.escapeIdentifier(database)} ENCODING 'UTF8' TEMPLATE template0`).catch((error: unknown) => {
    if (sqlState(error) !== '42P04') throw error;
  });
}

async function createRoles(admin: pg.Client, { database, passwords }: ProvisionOptions): Promise<void> {
  const { rows } = await admin.query<{ rolname: string }>("SELECT rolname FROM pg_roles WHERE rolname LIKE 'lanyard\\_%'");
  const present = new Set(rows.map((row) => row.rolname));
  const ensure = (role: string, attributes: string) =>
    admin.query(`${present.has(role) ? 'ALTER' : 'CREATE'} ROLE ${role} WITH ${attributes}`);
  for (const role of ROLES) await ensure(role, `LOGIN PASSWORD ${pg.escapeLiteral(passwords[role])}`);
  await ensure('lanyard_ephemeral', 'NOLOGIN');
  await admin.query(`GRANT lanyard_ephemeral TO ${Object.keys(SERVICE_ROLES).join(', ')}`);
  await becomeMember(admin);
  const name = pg.escapeIdentifier(database);
  await admin.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC; GRANT CONNECT ON DATABASE ${name} TO ${ROLES.join(', ')}`);
}

/** An administrator that is no superuser (managed Postgres) may hand schemas only to roles it is a member of. */
async function becomeMember(admin: pg.Client): Promise<void> {
  const { rows } = await admin.query<{ rolsuper: boolean }>('SELECT rolsuper FROM pg_roles WHERE rolname = current_user');
  if (rows[0]?.rolsuper) return;
  await admin.query(`GRANT ${[...ROLES, 'lanyard_ephemeral'].join(', ')} TO CURRENT_USER`);
}

async function createSchemas(inside: pg.Client, database: string): Promise<void> {
  const everybody = ROLES.join(', ');
  await inside.query('BEGIN');
  await inside.query('REVOKE ALL ON SCHEMA public FROM PUBLIC');
  await inside.query(`CREATE SCHEMA IF NOT EXISTS lanyard; GRANT USAGE ON SCHEMA lanyard TO ${everybody}`);
  const { rowCount } = await inside.query("SELECT FROM pg_proc WHERE proname = 'now' AND pronamespace = 'lanyard'::regnamespace");
  // Left alone when there: replacing it would turn back a clock that a test has moved.
  if (!rowCount) await inside.query(CLOCK_FUNCTIONS);
  await inside.query(
    `REVOKE ALL ON ALL FUNCTIONS IN SCHEMA lanyard FROM PUBLIC; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA lanyard TO ${everybody}`,
  );
  await inside.query('CREATE SCHEMA IF NOT EXISTS ephemeral AUTHORIZATION lanyard_ephemeral');
  for (const [role, schema] of Object.entries(SERVICE_ROLES)) {
    if (schema) {
      await inside.query(`CREATE SCHEMA IF NOT EXISTS ${schema} AUTHORIZATION ${role}; GRANT USAGE ON SCHEMA ${schema} TO lanyard_log`);
      await inside.query(`ALTER ROLE ${role} IN DATABASE ${pg.escapeIdentifier(database)} SET search_path = ${schema}`);
    }
    // A new function is executable by PUBLIC unless its owner's default says otherwise.
    await inside.query(`ALTER DEFAULT PRIVILEGES FOR ROLE ${role} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC`);
    await inside.query(
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${role} IN SCHEMA ephemeral GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO lanyard_ephemeral`,
    );
  }
  await inside.query('COMMIT');
}
