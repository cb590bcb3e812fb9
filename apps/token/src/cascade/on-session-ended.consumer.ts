import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { Checkpoints } from '#libs/checkpoints';
import type { ReceivedEvent } from '#libs/contracts';
import { Database } from '#libs/database';
import { handleOnce } from '#libs/event-log';
import { Log } from '#libs/http';
import { retireGrantsOfSession } from '../grants/retire-grants.js';
import { CHECKPOINTS } from '../ports.js';

/**
 * apps/token/src/cascade owns what others' events mean for grants. Any order, any number of times, each alone: the writes are idempotent by
 * themselves, and the event's id is recorded with them. It asks no service and emits nothing.
 */
@Controller()
export class OnSessionEnded {
  constructor(
    private readonly db: Database,
    private readonly log: Log,
    @Inject(CHECKPOINTS) private readonly checkpoints: Checkpoints,
  ) {}

  @EventPattern<string>('SessionEnded')
  async onSessionEnded(@Payload() event: ReceivedEvent<'SessionEnded'>): Promise<void> {
    const { sid, end_id, reason, initiated_by } = event.payload;
    const cause = { reason, end_id, actor: event.payload.actor ?? initiated_by };
    const count = await this.db.transaction(async (tx) => {
      if (!(await handleOnce(tx, 'token', event.event_id))) return null;
      const retired = await retireGrantsOfSession(tx, sid, cause);
      await this.checkpoints.reach('token.cascade.before-commit');
      return retired;
    });
    if (count !== null) this.log.info('grants of an ended session revoked', { sid, ...cause, count, event_id: event.event_id });
    await this.checkpoints.reach('token.cascade.after-commit');
  }
}
