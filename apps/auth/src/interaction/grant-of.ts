import type { AccessMode } from '#libs/contracts';
import type { Situation } from './situation.js';

export interface Granted {
  readonly scope: string[];
  readonly narrowed: boolean;
  readonly access: AccessMode;
  readonly consent_id: string | null;
}

/**
 * What the client gets. Offline access needs an agreement of its own; where the operator's policy is `offline` for a first-party
 * application, the operator has agreed. Without it the default mode applies, and a default of `offline` means `online` then: a
 * refused warning must not come back as a default.
 */
export function grantOf({ request, client, consent, remembered }: Situation, sub: string): Granted {
  const { metadata, settings } = client;
  const here = consent?.sub === sub ? consent : null;
  const declined = new Set(here ? [] : remembered?.declined);
  const agreed = new Set((here?.agreed ?? remembered?.scopes ?? []).filter((name) => !declined.has(name)));
  // Without a page nobody could untick anything: a first-party application gets what it asks for, but what was declined once.
  const trusted = metadata.first_party && !here;
  const byPolicy = trusted && settings.default_access_mode === 'offline' && !declined.has('offline_access');
  const offline = request.access === 'offline' && (agreed.has('offline_access') || byPolicy);

  const scope = request.scope.filter((name) => {
    if (name === 'offline_access') return offline;
    return name === 'openid' || name === 'online_access' || agreed.has(name) || (trusted && !declined.has(name));
  });
  const fallback = settings.default_access_mode === 'offline' ? 'online' : settings.default_access_mode;
  return {
    scope,
    narrowed: request.narrowed || scope.length < request.scope.length,
    access: request.access === 'offline' && !offline ? fallback : request.access,
    consent_id: here?.consent_id ?? remembered?.consent_id ?? null,
  };
}
