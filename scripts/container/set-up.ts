import { provision, ROLES, type Role } from '#libs/database';
import { prepareEphemeralSchema } from '#libs/ephemeral';
import { openAuthDatabase } from '../../apps/auth/src/database.js';
import { openSessionDatabase } from '../../apps/session/src/database.js';
import { openTokenDatabase } from '../../apps/token/src/database.js';
import { ADMIN_URL, type RoleUrls, readDatabaseUrls } from './database-urls.js';

const INSTANCE = 'set-up';

/**
 * The one step before the services of a version: roles with the passwords of their URLs, schemas, migrations. Each part takes a lock and finds what is done
 * already, so it may run at any time, again, beside another and beside services. (The services run their migrations at their start, too: this step
 * is where a failed one is seen before any service is replaced.)
 */
export async function setUp(env: NodeJS.ProcessEnv): Promise<void> {
  const { admin, roles } = readDatabaseUrls(env);
  if (admin !== null) {
    await provision({ adminUrl: admin, database: databaseOf(roles), passwords: passwordsOf(roles) });
    console.log('Roles and schemas are there.');
  } else {
    console.log(`${ADMIN_URL} is not given: roles and schemas are taken as they are.`);
  }
  const auth = await openAuthDatabase(roles.lanyard_auth, INSTANCE);
  try {
    await prepareEphemeralSchema(auth);
  } finally {
    await auth.close();
  }
  await (await openSessionDatabase(roles.lanyard_session, INSTANCE)).close();
  await (await openTokenDatabase(roles.lanyard_token, INSTANCE)).close();
  console.log('The migrations of auth, session and token have run.');
}

function databaseOf(urls: RoleUrls): string {
  const [name = '', other] = [...new Set(Object.values(urls).map((url) => decodeURIComponent(new URL(url).pathname.slice(1))))];
  if (name === '' || other !== undefined) throw new Error('the URLs of the roles must all name one database, the same');
  return name;
}

function passwordsOf(urls: RoleUrls): Record<Role, string> {
  return Object.fromEntries(ROLES.map((role) => [role, decodeURIComponent(new URL(urls[role]).password)])) as Record<Role, string>;
}
