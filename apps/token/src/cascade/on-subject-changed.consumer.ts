import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { Checkpoints } from '#libs/checkpoints';
import { END_REASON_OF_CHANGE, type ReceivedEvent } from '#libs/contracts';
import { Database } from '#libs/database';
import { handleOnce } from '#libs/event-log';
import { Log } from '#libs/http';
import { retireGrantsOfSubject } from '../grants/retire-grants.js';
import { CHECKPOINTS } from '../ports.js';

/**
 * Judged by the generation alone, so the order of two events does not matter: whatever pins a lower one is over, offline grants above
 * all. A change that raised nothing (claims, roles) revokes nothing; nothing is ever turned back on (promise 6).
 */
@Controller()
export class OnSubjectChanged {
  constructor(
    private readonly db: Database,
    private readonly log: Log,
    @Inject(CHECKPOINTS) private readonly checkpoints: Checkpoints,
  ) {}

  @EventPattern<string>('SubjectChanged')
  async onSubjectChanged(@Payload() event: ReceivedEvent<'SubjectChanged'>): Promise<void> {
    const { sub, gen, change, initiated_by = 'policy', actor = initiated_by } = event.payload;
    const reason = END_REASON_OF_CHANGE[change];
    if (!reason) return;
    const count = await this.db.transaction(async (tx) => {
      if (!(await handleOnce(tx, 'token', event.event_id))) return null;
      const retired = await retireGrantsOfSubject(tx, sub, gen, { reason, actor });
      await this.checkpoints.reach('token.cascade.before-commit');
      return retired;
    });
    const { event_id } = event;
    if (count !== null) this.log.info('grants of a changed subject revoked', { sub, action: change, reason, actor, count, event_id });
    await this.checkpoints.reach('token.cascade.after-commit');
  }
}
