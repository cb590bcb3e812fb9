import type { AccessMode, ScopeRecord } from '#libs/contracts';
import type { ProviderSettings } from '#libs/protocol';
import { offlineDeadline } from '../issuing/lifetimes.js';
import type { ReadGrant } from './grant.js';

/** The client as it is registered today. */
export interface Rights {
  readonly client_id: string;
  readonly scopes: readonly ScopeRecord[];
  readonly settings: Pick<ProviderSettings, 'default_access_mode' | 'issue_refresh_tokens' | 'offline_idle' | 'offline_max'>;
}

/**
 * Why this grant may not be used by this client now; null: it may. For the log; the requester learns `invalid_grant`. What a right was
 * at consent does not count, what it is now does (Keycloak CVE-2025-12110, 2017-12160). Sessions and views are asked elsewhere.
 */
export function judgeGrant({ grant, subjectGenFloor, dbTime }: ReadGrant, client: Rights): string | null {
  if (grant.clientId !== client.client_id) return 'the grant is of another client';
  if (grant.revokedAt !== null) return 'the grant is revoked';
  if (grant.refreshSeq === null) return 'the grant has no refresh token';
  if (grant.subjectGen < subjectGenFloor) return 'the subject has a higher generation';
  if (!mayStillRefresh(grant.accessMode, grant.scope, client)) return 'the client may not have this access mode any more';
  if (grant.accessMode === 'offline' && offlineDeadline(grant, client.settings) <= dbTime) return 'the offline grant has expired';
  return null;
}

/** A mode that was asked for needs its scope; one that policy gave needs the policy. */
export function mayStillRefresh(mode: AccessMode, scope: readonly string[], client: Omit<Rights, 'client_id'>): boolean {
  if (mode === 'none' || !client.settings.issue_refresh_tokens) return false;
  const asked = `${mode}_access`;
  if (!scope.includes(asked)) return client.settings.default_access_mode === mode;
  return client.scopes.some(({ name }) => name === asked);
}
