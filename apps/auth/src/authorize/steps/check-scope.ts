import type { Parameters } from '#libs/http';
import { oauthError, parseScope } from '#libs/protocol';
import type { AskingClient } from '../asking-client.js';

/** Every scope must be one this client registered (RFC 6749 §3.3): the answer says so instead of quietly giving less. */
export function checkScope(parameters: Parameters, client: Pick<AskingClient, 'scopes' | 'metadata'>): string[] {
  const asked = parseScope(parameters.get('scope'));
  if (asked.length === 0) throw oauthError('invalid_scope', { description: 'The request asks for no scope.' });
  const allowed = new Set(client.scopes.map(({ name }) => name));
  // No browser client can be registered for it; check-access-mode refuses it and says why.
  if (client.metadata.application_type === 'browser') allowed.add('offline_access');
  if (!asked.every((name) => allowed.has(name))) {
    throw oauthError('invalid_scope', {
      description: 'The request asks for a scope that is unknown or that this client is not registered for.',
    });
  }
  return asked;
}
