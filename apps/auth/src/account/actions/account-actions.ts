import type { AccountAction } from './action.js';
import { EndAll, EndOne, EndOthers, SignOut } from './end-sessions.js';
import { RevokeApplication } from './revoke-application.js';

type Parts = ConstructorParameters<typeof EndOne>[0] & ConstructorParameters<typeof RevokeApplication>[0];

/** All of them; the controller names one per address. */
export class AccountActions {
  readonly signOut: AccountAction;
  readonly endOne: AccountAction;
  readonly endOthers: AccountAction;
  readonly endAll: AccountAction;
  readonly revokeApplication: AccountAction;

  constructor(parts: Parts) {
    this.signOut = new SignOut(parts);
    this.endOne = new EndOne(parts);
    this.endOthers = new EndOthers(parts);
    this.endAll = new EndAll(parts);
    this.revokeApplication = new RevokeApplication(parts);
  }
}
