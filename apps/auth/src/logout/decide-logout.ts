import type { LogoutRequest } from './logout-request.js';

export interface LogoutSituation {
  readonly request: LogoutRequest;
  /** The browser's session, by truth. */
  readonly current: { readonly sid: string; readonly sub: string } | null;
  /** The session of the hint is alive, although it is not this browser's. */
  readonly hintedAlive: boolean;
  /** The person pressed the button on our page. */
  readonly confirmed: boolean;
}

export type LogoutDecision =
  /** `sub`: whose session it is, if it is this browser's; nobody else learns a name from a hint. */
  | { readonly next: 'ask'; readonly sub: string | null }
  /** `sub`: whose session it is, for the audit. */
  | { readonly next: 'end'; readonly sid: string; readonly sub: string; readonly reason: 'logout' | 'rp_logout' }
  | { readonly next: 'nothing to end' };

/**
 * Without a question only if a valid hint names this browser's session: anything less would let any page sign anybody out (ASVS 10.6.2;
 * RP-Initiated Logout §2 "MUST ask"). A hint whose session lives elsewhere is asked about too: the browser may have lost its cookie.
 */
export function decideLogout({ request, current, hintedAlive, confirmed }: LogoutSituation): LogoutDecision {
  const { hint, client } = request;
  const reason = client ? 'rp_logout' : 'logout';
  if (current) {
    const itsOwn = hint !== null && (hint.sid === null ? hint.sub === current.sub : hint.sid === current.sid);
    return itsOwn || confirmed ? { next: 'end', sid: current.sid, sub: current.sub, reason } : { next: 'ask', sub: current.sub };
  }
  if (hint && hint.sid !== null && hintedAlive)
    return confirmed ? { next: 'end', sid: hint.sid, sub: hint.sub, reason } : { next: 'ask', sub: null };
  return { next: 'nothing to end' };
}

/** An address to return to is used on a valid hint, or after the person confirmed (RP-Initiated Logout §3). */
export function mayRedirect(request: LogoutRequest, confirmed: boolean): boolean {
  return request.redirect_uri !== null && (request.hint !== null || confirmed);
}
