import type { Parameters } from '#libs/http';
import { askedAccess, oauthError, parseScope, refuseScopesBeyond } from '#libs/protocol';
import type { AskingClient } from '../asking-client.js';

/** Every scope must be one this client registered (RFC 6749 §3.3): the answer says so instead of quietly giving less. */
export function checkScope(parameters: Parameters, client: Pick<AskingClient, 'scopes' | 'metadata'>): string[] {
  const asked = parseScope(parameters.get('scope'));
  if (asked.length === 0) throw oauthError('invalid_scope', { description: 'The request asks for no scope.' });
  refuseScopesBeyond(
    [...client.scopes.map(({ name }) => name), ...refusedLater(asked, client)],
    asked,
    'is unknown, or this client is not registered for it',
  );
  return asked;
}

/** What check-access-mode refuses with more to say: both refresh scopes at once, and what no browser client can be registered for. */
function refusedLater(asked: readonly string[], { metadata }: Pick<AskingClient, 'metadata'>): string[] {
  if (askedAccess(asked) === 'both') return ['online_access', 'offline_access'];
  return metadata.application_type === 'browser' ? ['offline_access'] : [];
}
