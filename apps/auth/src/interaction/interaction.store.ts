import { z } from 'zod';
import { randomSecret } from '#libs/database';
import type { ExpiringObjects } from '#libs/ephemeral';
import { PREFIX } from '#libs/protocol';
import { authorizationRequest } from '../authorize/authorization-request.js';

/**
 * interaction/ owns what happens between an authorization request and its answer: asking who the person is and whether they
 * agree. It is a state machine: `decide` says what is next, pages ask, posts record the answer, `finish` has the code issued.
 * It may not judge a request (authorize/) and holds no session (session service). Called by authorize/ and by the browser.
 */
const interactionState = z.strictObject({
  request: authorizationRequest,
  /** HMAC of the browser's cookie; null until the browser's first visit, if the request came by POST (cookies are Lax). */
  browser: z.string().nullable(),
  /** The session that came out of a login in this interaction: only this one satisfies prompt=login and max_age. */
  login: z.strictObject({ sid: z.string() }).nullable(),
  /** What was agreed to in this interaction, and by whom. */
  consent: z.strictObject({ sub: z.string(), consent_id: z.string(), agreed: z.array(z.string()) }).nullable(),
  /** Someone is having the code issued: a second tab or a double click finds this. */
  finished: z.boolean(),
});
export type InteractionState = z.infer<typeof interactionState>;

export interface Interaction {
  readonly handle: string;
  readonly version: number;
  readonly state: InteractionState;
}

const LIFETIME_MS = 30 * 60 * 1000;
const HANDLE = new RegExp(`^${PREFIX.interaction}[A-Za-z0-9_-]{43}$`);

/** The handle is a secret of the browser's address bar; stored is its HMAC. Nothing of the state is a token, code or password. */
export class InteractionStore {
  constructor(private readonly objects: ExpiringObjects) {}

  async open(state: Pick<InteractionState, 'request' | 'browser'>): Promise<Interaction> {
    const handle = randomSecret(PREFIX.interaction);
    const full: InteractionState = { ...state, login: null, consent: null, finished: false };
    const { version } = await this.objects.put(handle, full, LIFETIME_MS);
    return { handle, version, state: full };
  }

  async load(handle: string): Promise<Interaction | null> {
    const found = HANDLE.test(handle) ? await this.objects.get(handle) : null;
    return found && { handle, version: found.version, state: interactionState.parse(found.value) };
  }

  /** null: someone else changed it first, or it is gone. Of two posts of one form one wins. */
  async change(interaction: Interaction, change: Partial<InteractionState>): Promise<Interaction | null> {
    const state = { ...interaction.state, ...change };
    const updated = await this.objects.update(interaction.handle, interaction.version, state);
    return updated && { handle: interaction.handle, version: updated.version, state };
  }

  async close(handle: string): Promise<void> {
    await this.objects.take(handle);
  }
}
