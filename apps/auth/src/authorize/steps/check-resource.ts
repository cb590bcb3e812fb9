import type { Parameters } from '#libs/http';
import { oauthError } from '#libs/protocol';
import type { AskingClient } from '../asking-client.js';

const MAX_RESOURCES = 20;

/** RFC 8707 §2: the APIs the token is for. An identifier must be one whose scopes this client may ask for. */
export function checkResource(parameters: Parameters, client: Pick<AskingClient, 'scopes'>): string[] {
  const asked = [...new Set(parameters.getAll('resource'))];
  if (asked.length > MAX_RESOURCES) throw oauthError('invalid_target', { description: 'Too many resources.' });
  const known = new Set(client.scopes.map(({ api }) => api));
  if (!asked.every((resource) => known.has(resource))) throw oauthError('invalid_target');
  return asked;
}
