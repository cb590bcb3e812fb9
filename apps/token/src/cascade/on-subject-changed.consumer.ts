import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { Checkpoints } from '#libs/checkpoints';
import type { ReceivedEvent } from '#libs/contracts';
import { Database } from '#libs/database';
import { handleOnce } from '#libs/event-log';
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
    @Inject(CHECKPOINTS) private readonly checkpoints: Checkpoints,
  ) {}

  @EventPattern<string>('SubjectChanged')
  async onSubjectChanged(@Payload() event: ReceivedEvent<'SubjectChanged'>): Promise<void> {
    const { sub, gen, change } = event.payload;
    if (change === 'created' || change === 'updated') return;
    await this.db.transaction(async (tx) => {
      if (!(await handleOnce(tx, 'token', event.event_id))) return;
      await retireGrantsOfSubject(tx, sub, gen);
      await this.checkpoints.reach('token.cascade.before-commit');
    });
    await this.checkpoints.reach('token.cascade.after-commit');
  }
}
