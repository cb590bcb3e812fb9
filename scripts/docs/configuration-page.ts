import { API_MEMBERS, ENVIRONMENT, FILE_MEMBERS, USER_MEMBERS } from '#libs/config';
import { LIMITED_MEMBERS, MEMBER_SOURCES, providerSettings, SETTING_NAMES, settingTypes } from '#libs/protocol';
import { code, page, table } from './markdown.js';

export function configurationPage(): string {
  return page('Configuration', 'libs/config and libs/protocol', [
    'The environment comes first, then the file that `LANYARD_CONFIG` names, then the defaults. A problem is told with the file, the path inside it, the line and what was expected; then nothing is started and nothing imported.',
    '## Environment',
    'Secrets (marked) may also be given as `NAME_FILE`, the path of a file that holds them.',
    table(['variable', 'default', 'services', 'what'], ENVIRONMENT.map(variable)),
    '## File',
    table(['member', 'what'], described(FILE_MEMBERS)),
    '## `settings`',
    'Times are seconds unless the name ends in `_ms`. A client may carry any of these names in its registration to override it for itself; a client’s session lifetimes only shorten a session, which is shared.',
    table(['setting', 'default', 'what'], SETTING_NAMES.map(setting)),
    '## `apis`',
    table(['member', 'what'], described(API_MEMBERS)),
    '## `clients`',
    'Registered metadata under the registered names, and members of ours. Defaults are those of RFC 7591 §2 and OpenID Connect Registration §2; `application_type` is `web`, `native`, `browser` (public, PKCE, must list `online_access`) or `service` (no user, no redirect). `client_secret` may be a list of two while one replaces the other, and `\u0024{NAME}` takes it from the environment, as with a user’s `password`.',
    table(
      ['registered by', 'members'],
      MEMBER_SOURCES.map(({ specification, members }) => [specification, members.map(code).join(', ')]),
    ),
    'What left the file is disabled, not deleted, and enabled again when it comes back; what an operator disabled stays so.',
    '### Registered, and not available yet',
    'A client may be registered for these. The log names it at every start, and the endpoint that can’t honour the member refuses the client.',
    table(
      ['member', 'why'],
      LIMITED_MEMBERS.map(({ member, why }) => [code(member), why]),
    ),
    '## `users`',
    table(['member', 'what'], described(USER_MEMBERS)),
  ]);
}

function variable({ name, default: fallback, secret, services, description }: (typeof ENVIRONMENT)[number]): string[] {
  return [
    code(name) + (secret ? ' (secret)' : ''),
    fallback === null ? 'required' : /[<:]/.test(fallback) ? code(fallback) : fallback,
    services.length === 4 ? 'all' : services.join(', '),
    description,
  ];
}

function setting(name: (typeof SETTING_NAMES)[number]): string[] {
  const fallback = providerSettings.shape[name].parse(undefined);
  return [code(name), fallback === null ? 'none' : code(String(fallback)), settingTypes[name].description ?? ''];
}

function described(members: Record<string, { description?: string | undefined }>): string[][] {
  return Object.entries(members).map(([name, { description }]) => [code(name), description ?? '']);
}
