import { z } from 'zod';
import type { ClientDirectory } from '#libs/clients';
import type { Parameters } from '#libs/http';
import { oauthError } from '#libs/protocol';
import { type AskingClient, displayName } from '../authorize/asking-client.js';
import type { IdTokenHints } from '../hints/id-token-hints.js';

/** A logout request that passed its checks. Kept while the person is asked, so it holds facts and never the ID token itself. */
export const logoutRequest = z.strictObject({
  client: z.strictObject({ id: z.string(), name: z.string() }).nullable(),
  /** From a valid id_token_hint. */
  hint: z.strictObject({ sub: z.string(), sid: z.string().nullable() }).nullable(),
  /** Registered for the client, exactly. */
  redirect_uri: z.string().nullable(),
  state: z.string().nullable(),
});
export type LogoutRequest = z.infer<typeof logoutRequest>;

const MAX_STATE = 2048;

/**
 * RP-Initiated Logout §2 and §3. Whatever is wrong is an error page and nothing is ended and nobody redirected (§4). A hint from
 * another issuer, with a broken signature or of another type of token is no hint but an error: the sender meant something by it.
 */
export async function readLogoutRequest(parameters: Parameters, hints: IdTokenHints, clients: ClientDirectory): Promise<LogoutRequest> {
  parameters.refuseDuplicates();
  const sentHint = parameters.get('id_token_hint');
  const hint = sentHint === undefined ? null : await hints.read(sentHint);
  if (sentHint !== undefined && !hint)
    throw oauthError('invalid_request', { description: 'id_token_hint is not an ID token that this server issued.' });
  const clientId = parameters.get('client_id') ?? hint?.clientId;
  if (hint && clientId !== hint.clientId)
    throw oauthError('invalid_request', { description: 'client_id is not the client that id_token_hint was issued to.' });
  const client = clientId !== undefined && clientId.length <= 255 ? await clients.get(clientId) : null;
  if (clientId !== undefined && !client)
    throw oauthError('invalid_request', { description: 'The application that sent you here is not known here (client_id).' });
  const state = parameters.get('state') ?? null;
  if (state !== null && state.length > MAX_STATE) throw oauthError('invalid_request', { description: 'state is too long.' });
  return {
    client: client && { id: client.client_id, name: displayName(client) },
    hint: hint && { sub: hint.sub, sid: hint.sid },
    redirect_uri: redirectUriOf(parameters, client),
    state,
  };
}

function redirectUriOf(parameters: Parameters, client: AskingClient | null): string | null {
  const asked = parameters.get('post_logout_redirect_uri');
  if (asked === undefined) return null;
  if (!client) throw oauthError('invalid_request', { description: 'post_logout_redirect_uri needs an id_token_hint or a client_id.' });
  if (client.disabled || !client.metadata.post_logout_redirect_uris.includes(asked)) {
    throw oauthError('invalid_request', {
      description: 'The address to return to (post_logout_redirect_uri) is not one that this application registered.',
    });
  }
  return asked;
}

/** The registered query stays (conformance: query-added-to-post-logout-redirect-uri). */
export function returnAddress({ redirect_uri: uri, state }: LogoutRequest): string | null {
  if (uri === null || state === null) return uri;
  const joint = !uri.includes('?') ? '?' : uri.endsWith('?') || uri.endsWith('&') ? '' : '&';
  return `${uri}${joint}${new URLSearchParams({ state }).toString()}`;
}
