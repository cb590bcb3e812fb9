import type { ScopeRecord } from '#libs/contracts';
import { oauthError, refuseScopesBeyond } from '#libs/protocol';

/**
 * RFC 6749 §6: a refresh may ask for less than was granted, never for more. Asking for less shrinks this access token only; the
 * grant keeps what it has. Nothing asked: everything granted.
 */
export function narrowScope(granted: readonly string[], asked: readonly string[] | null): readonly string[] {
  if (asked === null || asked.length === 0) return granted;
  refuseScopesBeyond(granted, asked, 'was not granted');
  return granted.filter((name) => asked.includes(name));
}

/** RFC 8707 §2.2: among what was granted. A grant without resources leaves the choice to each token request. */
export function narrowResources(granted: readonly string[], asked: readonly string[]): readonly string[] {
  if (asked.length === 0) return granted;
  if (granted.length > 0 && !asked.every((resource) => granted.includes(resource))) {
    throw oauthError('invalid_target', { detail: 'a resource beyond the grant' });
  }
  return asked;
}

/** A right counts when it is used: a scope that left the client's registration leaves its next token. */
export function scopeStillAllowed(scope: readonly string[], registered: readonly ScopeRecord[]): readonly string[] {
  return scope.filter((name) => registered.some((record) => record.name === name));
}
