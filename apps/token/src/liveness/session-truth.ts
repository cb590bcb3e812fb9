import { Injectable } from '@nestjs/common';
import { type SessionView, sessionApi } from '#libs/contracts';
import { InternalCallError, InternalClient } from '#libs/http';
import { oauthError, unavailable } from '#libs/protocol';
import { TakeTurns } from './take-turns.js';

/** A session that lives, as of `dbTime` (ms, the session service's database clock). */
export interface Alive {
  readonly session: SessionView;
  readonly touchDue: boolean;
  readonly dbTime: number;
}

type Answer = { alive: true; session: SessionView; touch_due: boolean; db_time: number } | { alive: false };

/**
 * apps/token/src/liveness owns what a token may hang from: the session service's word (truth, for what is online) and the revocation
 * view (for what asks no truth). It stores nothing. Dead is `invalid_grant`; no answer is a 503 and never a token.
 */
@Injectable()
export class SessionTruth {
  private readonly turns = new TakeTurns<Answer>();

  constructor(private readonly internal: InternalClient) {}

  /** With a client, that client is recorded as a participant: whoever gets tokens hears of the end. */
  async alive(sid: string, participant: string | null = null): Promise<Alive> {
    return living(
      await this.turns.ask(`truth ${sid} ${participant ?? ''}`, () => answered(this.internal.call(sessionApi.truth, { sid, participant }))),
    );
  }

  /** Activity. The answer is truth after it, so its deadlines bound what is minted. */
  async touch(sid: string): Promise<Alive> {
    return living(await this.turns.ask(`touch ${sid}`, () => answered(this.internal.call(sessionApi.touch, { sid }))));
  }
}

function living(answer: Answer): Alive {
  if (!answer.alive) throw oauthError('invalid_grant', { detail: 'the session has ended' });
  return { session: answer.session, touchDue: answer.touch_due, dbTime: answer.db_time };
}

/** Whatever is wrong with the answer, nothing may be made from it (promise 3). */
async function answered(call: Promise<Answer>): Promise<Answer> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof InternalCallError) throw unavailable(error.message);
    throw error;
  }
}
