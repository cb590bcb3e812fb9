import { Inject, Injectable } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import type { RevocationEntry } from '#libs/contracts';
import { LogOwner } from '#libs/event-log';
import { EndConfirmer } from '#libs/revocation-host';
import { CHECKPOINTS } from '../ports.js';

/**
 * What follows a revocation's commit. It only makes things faster: a crash before any line loses nothing, because the relay and the views work
 * from what was committed.
 */
@Injectable()
export class Announce {
  constructor(
    private readonly log: LogOwner,
    private readonly confirmer: EndConfirmer,
    @Inject(CHECKPOINTS) private readonly checkpoints: Checkpoints,
  ) {}

  /** Whether every registered view has the entries. */
  async revoked(entries: readonly RevocationEntry[]): Promise<boolean> {
    if (entries.length === 0) return true;
    await this.checkpoints.reach('token.revoke.after-commit');
    this.log.relay.nudge();
    const confirmed = await this.confirmer.confirm(entries);
    await this.checkpoints.reach('token.revoke.after-confirm');
    return confirmed;
  }
}
