import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { ReceivedEvent } from '#libs/contracts';
import { EndOutdated } from './end-outdated.js';

/** apps/session/src/signals owns what changes of others mean for sessions. It reads no other service's tables: it is told. */
@Controller()
export class SubjectChangedConsumer {
  constructor(private readonly outdated: EndOutdated) {}

  @EventPattern<string>('SubjectChanged')
  async onSubjectChanged(@Payload() event: ReceivedEvent<'SubjectChanged'>): Promise<void> {
    await this.outdated.end(event.event_id, event.payload);
  }
}
