import { packed } from '#libs/revocation';
import { type AccessToken, accessTokenOf } from './access-token.js';
import { type Prints, printsOf } from './handles.js';

/** What a token says, and by what it can be hit: made once, asked on every request. Nothing in it depends on who asks or on when. */
export interface KnownToken {
  readonly token: AccessToken;
  readonly scopes: ReadonlySet<string>;
  /** The key that it was signed or sealed under. */
  readonly kid: string;
  /** What it can be ended by. */
  readonly handles: Prints;
  /** Fingerprints of `sub` and `client_id`, as the feed writes them. */
  readonly subject: string;
  readonly client: string;
}

/** Null: it lacks what every access token has. */
export function knownToken(claims: Readonly<Record<string, unknown>>, kid: string): KnownToken | null {
  const token = accessTokenOf(claims);
  if (!token) return null;
  const { jti, sid, gid, sub, client_id, scope } = token;
  const scopes = new Set(scope?.split(' '));
  return { token, scopes, kid, handles: printsOf({ jti, sid, gid, kid }), subject: printOf(sub), client: printOf(client_id) };
}

/** One id's fingerprint in base64 (docs/revocation-feed.md). */
export function printOf(id: string): string {
  return Buffer.from(packed([id])).toString('base64');
}
