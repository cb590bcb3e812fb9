import type { Parameters } from '#libs/http';
import type { AccountPage } from '../account-page.js';
import type { Notice } from '../notice.js';
import type { Visit } from '../visits.js';

/** What an action came to. It returns only when that is true; when it can't be known it throws. */
export type Done = { readonly notice: Notice } | { readonly signedOut: string };

/** One thing a person can do to their account. Who they are, the form's origin and the age of the login are judged before it runs. */
export interface AccountAction {
  /** Below /account. */
  readonly path: string;
  /** Where it is found, and where the browser goes afterwards. */
  readonly page: AccountPage;
  /** As its button says it. */
  readonly what: string;
  /** The form's members that it needs; they are carried through the password prompt. */
  readonly fields: readonly string[];
  /** False: signing out here is always allowed, however old the login. */
  reauthenticates(visit: Visit, form: Parameters): boolean;
  carryOut(visit: Visit, form: Parameters): Promise<Done>;
}
