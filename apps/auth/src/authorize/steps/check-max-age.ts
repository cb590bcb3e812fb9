import type { Parameters } from '#libs/http';
import { oauthError } from '#libs/protocol';
import type { AskingClient } from '../asking-client.js';

export interface MaxAge {
  readonly seconds: number | null;
  /** auth_time must be in the ID token (OIDC Core §2; registration §2, require_auth_time). */
  readonly authTimeRequested: boolean;
}

/** Asked for, or registered as default_max_age. */
export function checkMaxAge(parameters: Parameters, { metadata }: Pick<AskingClient, 'metadata'>): MaxAge {
  const asked = parameters.get('max_age');
  if (asked !== undefined && !/^\d{1,9}$/.test(asked))
    throw oauthError('invalid_request', { description: 'max_age must be a number of seconds.' });
  const seconds = asked === undefined ? (metadata.default_max_age ?? null) : Number(asked);
  return { seconds, authTimeRequested: seconds !== null || metadata.require_auth_time };
}
