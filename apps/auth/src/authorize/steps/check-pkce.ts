import type { Parameters } from '#libs/http';
import { isCodeChallenge, oauthError } from '#libs/protocol';
import type { AskingClient } from '../asking-client.js';

/**
 * S256 or nothing (RFC 9700 §2.1.1): an absent method means `plain` (RFC 7636 §4.3), which is refused, since it protects nobody from who
 * reads the request. Required where there is no secret to protect the code: public clients, `browser` and native apps.
 */
export function checkPkce(parameters: Parameters, { metadata }: Pick<AskingClient, 'metadata'>): string | null {
  const challenge = parameters.get('code_challenge');
  const method = parameters.get('code_challenge_method');
  const { application_type: type, token_endpoint_auth_method: authentication } = metadata;
  if (challenge === undefined) {
    if (method !== undefined)
      throw oauthError('invalid_request', { description: 'code_challenge_method was sent without code_challenge.' });
    if (type === 'browser')
      throw oauthError('invalid_request', {
        description: 'A client of application_type browser must use PKCE (code_challenge is missing).',
      });
    if (authentication === 'none' || type === 'native') {
      throw oauthError('invalid_request', { description: 'A public client must use PKCE (code_challenge is missing).' });
    }
    return null;
  }
  if (method !== 'S256') throw oauthError('invalid_request', { description: 'code_challenge_method must be S256.' });
  if (!isCodeChallenge(challenge))
    throw oauthError('invalid_request', { description: 'code_challenge is not the base64url form of a SHA-256 hash.' });
  return challenge;
}
