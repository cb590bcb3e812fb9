import type { CodeContents } from '#libs/contracts';
import { isCodeVerifier, verifyPkce } from '#libs/protocol';

export interface Redemption {
  readonly clientId: string;
  readonly redirectUri: string | null;
  readonly verifier: string | null;
}

/**
 * Whether this is the party the code was made for: client, redirect URI (RFC 6749 §4.1.3) and PKCE (RFC 7636 §4.6, RFC 9700 §2.1.1).
 * null: it is. What it answers is for the log only: the requester learns `invalid_grant`. The same checks for the first use and for
 * a second one, so that a stranger can neither redeem a code nor harm what it was redeemed for.
 */
export function judgeRedemption(contents: CodeContents, { clientId, redirectUri, verifier }: Redemption): string | null {
  if (contents.client_id !== clientId) return 'the code is for another client';
  if (redirectUri === null ? contents.redirect_uri_sent : redirectUri !== contents.redirect_uri) return 'another redirect_uri';
  if (contents.code_challenge === null) return verifier === null ? null : 'a code_verifier, but the request had no code_challenge';
  if (verifier === null) return 'no code_verifier';
  if (!isCodeVerifier(verifier)) return 'a malformed code_verifier';
  return verifyPkce(verifier, contents.code_challenge) ? null : 'a wrong code_verifier';
}
