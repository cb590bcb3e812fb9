import { Controller } from '@nestjs/common';
import { type SessionTruth, sessionApi } from '#libs/contracts';
import { Database } from '#libs/database';
import { Internal, InternalBody, type InternalRequest } from '#libs/http';
import { oauthError } from '#libs/protocol';
import { EndSession } from '../sessions/end-session.js';
import { listEnded } from '../sessions/ended.store.js';
import { listAlive } from '../sessions/session.store.js';
import { StaleGeneration } from '../sessions/stale-generation.js';
import { type StartAnswer, StartSession } from '../sessions/start-session.js';
import { TouchSession } from '../sessions/touch-session.js';
import { Truth } from '../sessions/truth.js';
import { EndOutdated } from '../signals/end-outdated.js';

type Body<K extends keyof typeof sessionApi> = InternalRequest<(typeof sessionApi)[K]>;

/**
 * apps/session/src/internal serves `sessionApi` and holds no rule of its own: each handler names the function that does the work, and
 * what a domain error means to a caller.
 */
@Controller()
export class SessionsController {
  constructor(
    private readonly db: Database,
    private readonly starts: StartSession,
    private readonly truths: Truth,
    private readonly touches: TouchSession,
    private readonly ends: EndSession,
    private readonly outdated: EndOutdated,
  ) {}

  @Internal(sessionApi.start)
  async start(@InternalBody() body: Body<'start'>): Promise<StartAnswer> {
    try {
      return await this.starts.start(body);
    } catch (error) {
      if (error instanceof StaleGeneration) throw oauthError('access_denied', { detail: error.message });
      throw error;
    }
  }

  @Internal(sessionApi.byCookie)
  byCookie(@InternalBody() { cookie }: Body<'byCookie'>): Promise<SessionTruth> {
    return this.truths.byCookie(cookie);
  }

  @Internal(sessionApi.truth)
  truth(@InternalBody() { sid, participant }: Body<'truth'>): Promise<SessionTruth> {
    return participant === null ? this.truths.bySid(sid) : this.truths.withParticipant(sid, participant);
  }

  @Internal(sessionApi.touch)
  touch(@InternalBody() { sid }: Body<'touch'>): Promise<SessionTruth> {
    return this.touches.touch(sid);
  }

  @Internal(sessionApi.end)
  end(@InternalBody() { sid, ...cause }: Body<'end'>) {
    return this.ends.end(sid, cause);
  }

  @Internal(sessionApi.endAll)
  endAll(@InternalBody() { sub, except_sid, ...cause }: Body<'endAll'>) {
    return this.ends.endAll(sub, except_sid, cause);
  }

  @Internal(sessionApi.endOutdated)
  async endOutdated(@InternalBody() changed: Body<'endOutdated'>) {
    return { ended: await this.outdated.endNow(changed) };
  }

  @Internal(sessionApi.ended)
  async ended(@InternalBody() { sub, before, limit }: Body<'ended'>) {
    return { sessions: await listEnded(this.db, sub, before, limit) };
  }

  @Internal(sessionApi.list)
  async list(@InternalBody() { sub, limit }: Body<'list'>) {
    return { sessions: await listAlive(this.db, sub, limit) };
  }
}
