import type { Parameters } from '#libs/http';
import { oauthError } from '#libs/protocol';

const MAX_LENGTH = 1024;

/** Echoed in the ID token; it is stored with the code, so it has a limit. */
export function checkNonce(parameters: Parameters): string | null {
  const nonce = parameters.get('nonce') ?? null;
  if (nonce !== null && nonce.length > MAX_LENGTH)
    throw oauthError('invalid_request', { description: 'nonce is longer than 1024 characters.' });
  return nonce;
}
