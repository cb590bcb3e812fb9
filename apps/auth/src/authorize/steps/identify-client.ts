import type { Parameters } from '#libs/http';
import { oauthError } from '#libs/protocol';
import type { AskingClient } from '../asking-client.js';

/**
 * Which application asks. Until it is known, and known to own the redirect URI, an error is shown to the person and never sent
 * anywhere (RFC 6749 §4.1.2.1).
 */
export async function identifyClient(
  parameters: Parameters,
  find: (clientId: string) => Promise<AskingClient | null>,
): Promise<AskingClient> {
  if (parameters.duplicates().includes('client_id'))
    throw oauthError('invalid_request', { description: 'client_id was sent more than once.' });
  const clientId = parameters.get('client_id');
  if (!clientId)
    throw oauthError('invalid_request', {
      description: 'The request does not say which application it comes from (client_id is missing).',
    });
  const client = clientId.length <= 255 ? await find(clientId) : null;
  if (!client) throw oauthError('invalid_request', { description: 'The application that sent you here is not known here (client_id).' });
  if (client.disabled)
    throw oauthError('unauthorized_client', { description: 'The application that sent you here has been switched off.' });
  return client;
}
