import type { Parameters } from '#libs/http';
import { oauthError, refuseNotBuilt } from '#libs/protocol';
import type { AskingClient } from '../asking-client.js';

/**
 * What is not built is refused by name and never ignored: a client that asked to be protected by it would believe it is. Its own
 * registration comes after what the request asks for, so that the answer names what the client can change.
 */
export function refuseUnbuilt(parameters: Parameters, { metadata }: Pick<AskingClient, 'metadata'>): void {
  if (parameters.has('request')) throw oauthError('request_not_supported');
  if (parameters.has('request_uri')) throw oauthError('request_uri_not_supported');
  if (parameters.has('registration')) throw oauthError('registration_not_supported');
  if (parameters.has('authorization_details')) {
    throw oauthError('invalid_authorization_details', { description: 'authorization_details is not supported.' });
  }
  if (parameters.has('dpop_jkt'))
    throw oauthError('invalid_request', { description: 'dpop_jkt is not supported: codes can not be bound to a key.' });
  refuseNotBuilt(metadata, 'authorize');
}
