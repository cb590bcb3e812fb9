import type { Person } from '../demo/person.js';
import type { ClientId } from './chaos-config.js';

export interface Token {
  readonly number: number;
  readonly value: string;
}

/** What one client holds of one session. */
export interface Grant {
  readonly number: number;
  readonly client: ClientId;
  refreshToken: string;
  idToken: string;
  readonly tokens: Token[];
  /** A refresh is under way: a second use of the same refresh token at the same time would be a replay. */
  busy: boolean;
}

/** A session that the driver knows of. */
export interface Life {
  readonly sid: string;
  readonly user: string;
  /** The browser, where it was signed in over the pages. */
  readonly browser: Person | null;
  readonly grants: Grant[];
  /** Somebody has begun to end it. */
  ending: boolean;
}
