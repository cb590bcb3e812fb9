import type { Client } from '#libs/clients';
import type { RefreshPosition } from '#libs/sealing';
import type { Handles } from '../liveness/standing.js';
import type { Target } from './audience.js';
import type { TokenTimes } from './lifetimes.js';

/** Who signed in and how, for an ID token. */
export interface Authentication {
  readonly sub: string;
  readonly sid: string;
  readonly authTime: number;
  readonly amr: readonly string[];
  readonly acr: string | null;
  /** Of the authorization request; never in a refreshed ID token (OIDC Core §12.2). */
  readonly nonce: string | null;
}

/** What a grant type decided and wrote: everything that issuing needs, nothing of how it came about. */
export interface Issuance {
  readonly flow: 'code' | 'refresh' | 'client-credentials';
  readonly client: Client;
  readonly handles: Handles;
  readonly target: Target;
  readonly times: TokenTimes;
  /** null: nobody signed in. */
  readonly authentication: Authentication | null;
  readonly refresh: RefreshPosition | null;
  /** Nothing but the view vouches for it: it must be fresh when the answer is sent. */
  readonly byView: boolean;
}
