import type { Parameters } from '#libs/http';
import { normalResponseType, oauthError } from '#libs/protocol';
import type { AskingClient } from '../asking-client.js';

/** Only `code`: tokens never travel through the browser's address (RFC 9700 §2.1.2). */
export function checkResponseType(parameters: Parameters, { metadata }: Pick<AskingClient, 'metadata'>): void {
  const asked = parameters.get('response_type');
  if (!asked) throw oauthError('invalid_request', { description: 'response_type is missing.' });
  if (normalResponseType(asked) !== 'code')
    throw oauthError('unsupported_response_type', { description: 'Only response_type=code is supported.' });
  if (!metadata.response_types.includes('code') || !metadata.grant_types.includes('authorization_code')) {
    throw oauthError('unauthorized_client', { description: 'This client is not registered for the authorization code grant.' });
  }
}
