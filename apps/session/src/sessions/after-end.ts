import { Inject, Injectable } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import type { RevocationEntry } from '#libs/contracts';
import { Relay } from '#libs/event-log';
import { Log } from '#libs/http';
import { DeliveryLoop } from '../backchannel/delivery-loop.js';
import { CHECKPOINTS, CONFIRMER, type Confirmer } from '../ports.js';
import type { EndedSession } from './end-sessions.js';

/**
 * What follows an end's commit. All of it only makes things faster: a crash before any line loses nothing, because the relay, the
 * deliveries and the views work from what was committed.
 */
@Injectable()
export class AfterEnd {
  constructor(
    private readonly relay: Relay,
    private readonly deliveries: DeliveryLoop,
    @Inject(CONFIRMER) private readonly confirmer: Confirmer,
    @Inject(CHECKPOINTS) private readonly checkpoints: Checkpoints,
    private readonly log: Log,
  ) {}

  /**
   * Answers whether every registered view has the entries. Nothing to say to a view is no confirmation of anything. `sessions`: those that ended
   * by this very commit; their line opens the cascade, and `end_id` finds the others in every service's log.
   */
  async announce(entries: RevocationEntry[], sessions: readonly EndedSession[] = []): Promise<boolean> {
    for (const { sid, end_id, reason, initiated_by, actor } of sessions) {
      this.log.info('session ended', { sid, end_id, reason, initiated_by, actor });
    }
    if (entries.length === 0) return false;
    await this.checkpoints.reach('session.end.after-commit');
    this.relay.nudge();
    this.deliveries.nudge();
    await this.checkpoints.reach('session.end.after-nudge');
    const confirmed = await this.confirmer.confirm(entries).catch(() => false);
    for (const entry of entries) {
      if (entry.kind === 'session') this.log.info('session end hinted', { sid: entry.id, end_id: entry.end_id ?? null, confirmed });
    }
    await this.checkpoints.reach('session.end.after-confirm');
    return confirmed;
  }
}
