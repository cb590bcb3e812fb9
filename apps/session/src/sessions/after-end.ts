import { Inject, Injectable } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import type { RevocationEntry } from '#libs/contracts';
import { Relay } from '#libs/event-log';
import { DeliveryLoop } from '../backchannel/delivery-loop.js';
import { CHECKPOINTS, CONFIRMER, type Confirmer } from '../ports.js';

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
  ) {}

  /** Answers whether every registered view has the entries. Nothing to say to a view is no confirmation of anything. */
  async announce(entries: RevocationEntry[]): Promise<boolean> {
    if (entries.length === 0) return false;
    await this.checkpoints.reach('session.end.after-commit');
    this.relay.nudge();
    this.deliveries.nudge();
    await this.checkpoints.reach('session.end.after-nudge');
    const confirmed = await this.confirmer.confirm(entries).catch(() => false);
    await this.checkpoints.reach('session.end.after-confirm');
    return confirmed;
  }
}
