import type { ClientMetadata } from './client-metadata/client-metadata.js';
import { type ProviderSettings, SETTING_NAMES } from './provider-settings.js';

/**
 * The settings as they hold for one client. Only the provider's `max_access_token_ttl` bounds what a token may live, because the horizon
 * of every view hangs from it; `access_token_ttl` of a browser client is the browser one unless its own registration says otherwise.
 */
export function effectiveSettings(settings: ProviderSettings, client: ClientMetadata): ProviderSettings {
  const merged: Record<string, unknown> = { ...settings };
  for (const name of SETTING_NAMES) {
    const override = client[name];
    if (override !== undefined) merged[name] = override;
  }
  const effective = merged as ProviderSettings;
  const max = Math.min(settings.max_access_token_ttl, effective.max_access_token_ttl);
  const browser = client.application_type === 'browser' && client.access_token_ttl === undefined;
  const wanted = browser ? effective.browser_access_token_ttl : effective.access_token_ttl;
  return {
    ...effective,
    max_access_token_ttl: max,
    access_token_ttl: Math.min(wanted, max),
    // Process-wide: one view and one registry serve all clients.
    freshness_bound_ms: settings.freshness_bound_ms,
    confirm_wait_ms: settings.confirm_wait_ms,
    // A session is every client's.
    max_sessions_per_user: settings.max_sessions_per_user,
    allow_private_receivers: settings.allow_private_receivers,
    // The account pages are the provider's own.
    account_reauth_after: settings.account_reauth_after,
  };
}

/** Times of a session in milliseconds, as session truth answers them. */
export interface SessionTimes {
  started_at: number;
  last_seen_at: number;
  idle_deadline: number;
  absolute_deadline: number;
  remember: boolean;
}

/**
 * Until when this client may use the session. A session is shared, so a client's own session_idle and session_max can only
 * shorten it for that client: past this moment its tokens are refused although the session goes on for others.
 */
export function onlineDeadline(session: SessionTimes, client: ClientMetadata): number {
  const idle = session.remember ? client.remember_idle : client.session_idle;
  const max = session.remember ? client.remember_max : client.session_max;
  return Math.min(
    session.idle_deadline,
    session.absolute_deadline,
    idle === undefined ? Number.POSITIVE_INFINITY : session.last_seen_at + idle * 1_000,
    max === undefined ? Number.POSITIVE_INFINITY : session.started_at + max * 1_000,
  );
}
