import type { AccessMode } from '#libs/contracts';
import { askedAccess, oauthError } from '#libs/protocol';
import type { AskingClient } from '../asking-client.js';

export interface AskedAccess {
  readonly access: AccessMode;
  /** Without the refresh scopes the client can't use. */
  readonly scope: string[];
}

const REFRESH_SCOPES: ReadonlySet<string> = new Set(['online_access', 'offline_access']);

/**
 * Online or offline (DESIGN, Decided). Both at once is a contradiction and named as one. A `browser` client keeps its tokens where
 * the session is, so it must ask for online_access, also with prompt=none. A client that can't refresh loses the refresh
 * scopes without an error: mode `none`, its access token still dies with the session.
 */
export function checkAccessMode(
  asked: readonly string[],
  { metadata, settings }: Pick<AskingClient, 'metadata' | 'settings'>,
): AskedAccess {
  const wish = askedAccess(asked);
  if (wish === 'both')
    throw oauthError('invalid_scope', { description: 'online_access and offline_access can not be asked for together.' });
  if (metadata.application_type === 'browser' && wish !== 'online') {
    throw oauthError('invalid_scope', {
      description: 'A client of application_type browser must ask for online_access, and can not have offline_access.',
    });
  }
  if (!metadata.grant_types.includes('refresh_token') || !settings.issue_refresh_tokens) {
    return { access: 'none', scope: asked.filter((name) => !REFRESH_SCOPES.has(name)) };
  }
  return { access: wish === 'neither' ? settings.default_access_mode : wish, scope: [...asked] };
}
