import type { Parameters } from '#libs/http';
import { oauthError } from '#libs/protocol';
import type { AskingClient } from '../asking-client.js';

export interface MatchedRedirectUri {
  readonly uri: string;
  readonly sent: boolean;
}

/**
 * Exact string comparison (RFC 9700 §2.1): no prefix, no pattern, nothing decoded or normalised first; each of those has been a
 * way to send codes elsewhere (SECURITY.md). One exception: the port of a native app's loopback URI (RFC 8252 §7.3).
 */
export function matchRedirectUri(parameters: Parameters, { metadata }: Pick<AskingClient, 'metadata'>): MatchedRedirectUri {
  if (parameters.duplicates().includes('redirect_uri'))
    throw oauthError('invalid_request', { description: 'redirect_uri was sent more than once.' });
  const registered = metadata.redirect_uris;
  const asked = parameters.get('redirect_uri');
  if (asked === undefined) return onlyRegistered(parameters, registered);
  const native = metadata.application_type === 'native';
  if (registered.includes(asked) || (native && registered.some((uri) => sameButPort(uri, asked)))) return { uri: asked, sent: true };
  throw oauthError('invalid_request', {
    description: 'The address to return to (redirect_uri) is not one that this application registered.',
  });
}

/** It may be left out if exactly one is registered (RFC 6749 §3.1.2.3), but not from an OpenID Connect request (Core §3.1.2.1). */
function onlyRegistered(parameters: Parameters, registered: readonly string[]): MatchedRedirectUri {
  const [only] = registered;
  const openid = (parameters.get('scope') ?? '').split(' ').includes('openid');
  if (registered.length === 1 && only !== undefined && !openid) return { uri: only, sent: false };
  throw oauthError('invalid_request', { description: 'The request does not say where to return to (redirect_uri is missing).' });
}

const LOOPBACK = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(?::(\d{1,5}))?(\/[^#]*)?$/;

function sameButPort(registered: string, asked: string): boolean {
  const known = LOOPBACK.exec(registered);
  const sent = LOOPBACK.exec(asked);
  if (!known || !sent || Number(sent[2] ?? 80) > 65_535 || sent[2] === '0') return false;
  return known[1] === sent[1] && (known[3] ?? '') === (sent[3] ?? '');
}
