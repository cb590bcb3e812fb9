/**
 * libs/revocation owns the judgement "is this token revoked, and may I still say so": the set of revocations, their expiry, the
 * proofs of completeness and the freshness that follows. Pure: no I/O, no Nest, clocks are a port; sources hand entries and proofs in.
 * Called by libs/revocation-host inside our services and by the library that resource servers bundle.
 */
export { type Clock, systemClock } from './clock.js';
export { EntrySet, type SetChunk } from './entry-set.js';
export { ExpiringIds } from './expiring-ids.js';
export { FINGERPRINT_BYTES, type Fingerprint, fingerprint, packed, unpacked } from './fingerprints.js';
export { ANSWER_MARGIN_MS, type Freshness, FreshnessTracker, type Proof } from './freshness.js';
export { HOP_RULES, type Hop, type HopRules, type HopState, type HopTicket, NEW_HOP, onAnswer, onProbe, onShown } from './hop.js';
export { OwnerClock } from './owner-clock.js';
export { RevocationView, type RevocationViewOptions, type TokenHandles } from './revocation-view.js';
