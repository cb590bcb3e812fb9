import { Inject, Injectable } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import type { RevocationEntry } from '#libs/contracts';
import { Relay } from '#libs/event-log';
import { EndConfirmer } from '#libs/revocation-host';
import { CHECKPOINTS } from '../ports.js';

/**
 * changes/ owns what follows a committed change of a subject or a client. All of it only makes things faster: the relay and the views
 * work from what was committed, so a crash before any line loses nothing. Called after the commit, never inside it.
 */
@Injectable()
export class AfterChange {
  constructor(
    private readonly relay: Relay,
    private readonly confirmer: EndConfirmer,
    @Inject(CHECKPOINTS) private readonly checkpoints: Checkpoints,
  ) {}

  /** Answers whether every registered view has the entries. */
  async announce(entries: RevocationEntry[]): Promise<boolean> {
    await this.checkpoints.reach('auth.change.after-commit');
    this.relay.nudge();
    const confirmed = await this.confirmer.confirm(entries);
    await this.checkpoints.reach('auth.change.after-confirm');
    return confirmed;
  }
}
