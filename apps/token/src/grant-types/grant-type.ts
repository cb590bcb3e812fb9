import type { Client } from '#libs/clients';
import type { Issuance } from '../issuing/issuance.js';
import type { Deadline } from '../token/deadline.js';

/** What every grant type is handed: an authenticated client that may use it, and how long the request has been here. */
export interface Asking<R> {
  readonly client: Client;
  readonly request: R;
  readonly deadline: Deadline;
}

/**
 * apps/token/src/grant-types: one file per grant. It decides, writes what is its own, and answers with an Issuance; authenticating
 * clients, minting, and what must hold when the answer is sent are the endpoint's, so a grant can't forget them.
 */
export interface GrantType<R> {
  grant(asking: Asking<R>): Promise<Issuance>;
}
