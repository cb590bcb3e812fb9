import { horizonMs, type ProviderSettings } from '#libs/protocol';
import type { KeyPurpose } from './key-line.js';

/** How long a key is in each state, in milliseconds. */
export interface RotationPolicy {
  /** Handed out and published, but not yet used. */
  readonly pendingMs: number;
  readonly activeMs: number;
  /** Still verifies or opens after its successor took over. null: for ever. */
  readonly retiringMs: number | null;
}

export type RotationPolicies = Readonly<Record<KeyPurpose, RotationPolicy>>;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 86_400 * SECOND;
/** /jwks says `max-age` 300; whoever has read the set a moment before a key appeared has it after this. */
export const JWKS_MAX_AGE_S = 300;
/** Clocks, and an instance that has not yet seen that its key was replaced. */
const MARGIN = 10 * MINUTE;

/** How long a key is used before its successor takes over; `lanyard check` asks whether it did. */
export const ACTIVE_MS: Readonly<Record<KeyPurpose, number>> = {
  signing: 90 * DAY,
  // at most 2^32 random nonces under one AES-GCM key
  sealing: DAY,
  refresh_mac: 180 * DAY,
};

/** SECURITY, Keys; DESIGN, Tokens. */
export function rotationPolicies(settings: ProviderSettings): RotationPolicies {
  // an ID token comes back as a logout's hint as long as its session may live, long after its own exp
  const longest = Math.max(settings.max_access_token_ttl, settings.id_token_ttl, settings.session_max, settings.remember_max);
  return {
    signing: { pendingMs: 2 * JWKS_MAX_AGE_S * SECOND, activeMs: ACTIVE_MS.signing, retiringMs: longest * SECOND + MARGIN },
    sealing: { pendingMs: MARGIN, activeMs: ACTIVE_MS.sealing, retiringMs: horizonMs(settings) + MARGIN },
    // offline grants have no end of their own, so the key that proves their tokens is never taken away
    refresh_mac: { pendingMs: MARGIN, activeMs: ACTIVE_MS.refresh_mac, retiringMs: null },
  };
}
