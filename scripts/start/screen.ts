import type { DataDirectory } from './data-directory.js';
import type { Installation } from './installation.js';
import type { Plan } from './preview.js';
import type { Secrets } from './secrets.js';

/** One screen: what runs where, who can sign in, where the data lies. Passwords are shown for the demonstration's users only. */
export function screen(plan: Plan, directory: DataDirectory, secrets: Secrets, database: Pick<Installation, 'place'>): string {
  const { config } = plan;
  const { auth, token, introspect } = config.publicUrls;
  const lines = [
    '',
    `Lanyard is running. Issuer: ${config.issuer}`,
    '',
    `  discovery     ${auth}/.well-known/openid-configuration`,
    `  authorize     ${auth}/authorize          userinfo   ${auth}/userinfo`,
    `  logout        ${auth}/logout             jwks       ${token}/jwks`,
    `  token         ${token}/token             revoke     ${token}/revoke`,
    `  introspect    ${introspect}/introspect`,
    '',
    ...people(plan),
    ...clients(plan),
    '',
    `  configuration ${plan.configFile}`,
    `  data          ${directory.path} (database: ${database.place}; logs: ${directory.file('logs')})`,
    ...(secrets.made
      ? [`  keys          made just now in ${secrets.folder}. Back them up: without them the data can't be read.`]
      : [`  keys          ${secrets.folder} (needed in every backup)`]),
    '',
    ...(plan.demo ? ['See the main story played against it: npm run demo (in a second terminal)'] : []),
    'Ctrl-C stops everything.',
  ];
  return lines.join('\n');
}

function people({ config, demo }: Plan): string[] {
  const users = config.catalogue?.users ?? [];
  if (users.length === 0) return [];
  const shown = users.map((user) => (demo ? `${user.username} / ${user.password}` : user.username));
  return [`  users         ${shown.join('   ')}`];
}

function clients({ config }: Plan): string[] {
  const all = config.catalogue?.clients ?? [];
  if (all.length === 0) return [];
  const ids = all.slice(0, 12).map((client) => client.clientId);
  return [`  clients       ${ids.join('  ')}${all.length > ids.length ? `  and ${all.length - ids.length} more` : ''}`];
}
