import { Injectable } from '@nestjs/common';
import type { Client } from '#libs/clients';
import { type Alive, SessionTruth } from './session-truth.js';
import { Standing } from './standing.js';

/** What refreshing needs of liveness: online asks the session service, offline the view; nothing is minted without one of them. */
@Injectable()
export class SessionUse {
  constructor(
    private readonly sessions: SessionTruth,
    readonly standing: Standing,
  ) {}

  /** null: offline. Its view must be fresh, now and when the answer is sent. */
  async truth(sid: string | null): Promise<Alive | null> {
    if (sid !== null) return this.sessions.alive(sid);
    this.standing.requireFresh();
    return null;
  }

  /** The grant has rotated already: without an answer this is a 503, and the client's retry a lost response. */
  async touchIfDue(alive: Alive, client: Client): Promise<Alive> {
    if (!alive.touchDue || !client.settings.refresh_is_activity) return alive;
    return this.sessions.touch(alive.session.sid);
  }
}
