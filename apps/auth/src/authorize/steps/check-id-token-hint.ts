import type { Parameters } from '#libs/http';
import { oauthError } from '#libs/protocol';
import type { IdTokenHints } from '../../hints/id-token-hints.js';

/** Who is meant to be signed in: an ID token of ours for this client, expired or not (OIDC Core §3.1.2.1). */
export async function checkIdTokenHint(parameters: Parameters, hints: IdTokenHints, clientId: string): Promise<string | null> {
  const sent = parameters.get('id_token_hint');
  if (sent === undefined) return null;
  const hint = await hints.read(sent);
  if (!hint || hint.clientId !== clientId)
    throw oauthError('invalid_request', { description: 'id_token_hint is not an ID token that this server issued to this client.' });
  return hint.sub;
}
