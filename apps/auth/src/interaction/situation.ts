import type { SessionView } from '#libs/contracts';
import type { AskingClient } from '../authorize/asking-client.js';
import type { AuthorizationRequest } from '../authorize/authorization-request.js';
import type { Consent } from '../consents/consents.store.js';
import type { InteractionState } from './interaction.store.js';

/** What was agreed to earlier, and what was unticked then: that is not asked again until the page is shown anyway. */
export type RememberedConsent = Pick<Consent, 'consent_id' | 'scopes' | 'declined'>;

/** Everything a decision rests on, as it is at this moment. */
export interface Situation {
  readonly request: AuthorizationRequest;
  readonly client: AskingClient;
  /** Alive by truth, its subject enabled and of the session's generation; else null. `now`: the database time of that truth. */
  readonly session: { readonly view: SessionView; readonly now: number } | null;
  readonly login: InteractionState['login'];
  readonly consent: InteractionState['consent'];
  readonly remembered: RememberedConsent | null;
}
