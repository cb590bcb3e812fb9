import type { Client } from '#libs/clients';
import type { AccessMode, CodeContents } from '#libs/contracts';
import { GRANT_TYPES } from '#libs/protocol';
import { mayStillRefresh } from './judge-grant.js';

export interface GrantPlan {
  readonly accessMode: AccessMode;
  readonly scope: readonly string[];
  readonly refreshToken: boolean;
}

const REFRESH_SCOPES: ReadonlySet<string> = new Set(['online_access', 'offline_access']);

/**
 * What a code becomes, with the client's rights of now. Without a refresh token a refresh scope means nothing: it is dropped, and the tokens
 * hang from the session, whatever mode was meant (DESIGN, Decided: mode `none`).
 */
export function planGrant(contents: Pick<CodeContents, 'access_mode' | 'scope'>, client: Client): GrantPlan {
  const allowed = contents.scope.filter((name) => client.scopes.some((record) => record.name === name));
  const capable = client.metadata.grant_types.includes(GRANT_TYPES.refreshToken);
  if (capable && mayStillRefresh(contents.access_mode, contents.scope, client)) {
    return { accessMode: contents.access_mode, scope: allowed, refreshToken: true };
  }
  return { accessMode: 'none', scope: allowed.filter((name) => !REFRESH_SCOPES.has(name)), refreshToken: false };
}
