import { Inject, Injectable } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import { CHECKPOINTS } from '../ports.js';
import { askElsewhere } from './ask-elsewhere.js';
import type { ClaimedDelivery } from './claim-deliveries.js';
import { HostSlots } from './host-slots.js';
import { type Outcome, outcomeOf } from './outcome.js';
import { type Receiver, ReceiverDirectory } from './receiver-directory.js';
import { ReceiverRefused } from './receiver-policy.js';
import { SendLogoutToken } from './send-logout-token.js';
import { Settlements } from './settlements.js';
import { SignLogoutToken } from './sign-logout-token.js';

/** One claimed delivery, from the client's record to the written outcome. Never throws for what a receiver does. */
@Injectable()
export class Deliver {
  constructor(
    private readonly receivers: ReceiverDirectory,
    private readonly signer: SignLogoutToken,
    private readonly sender: SendLogoutToken,
    private readonly settlements: Settlements,
    private readonly slots: HostSlots,
    @Inject(CHECKPOINTS) private readonly checkpoints: Checkpoints,
  ) {}

  async deliver(delivery: ClaimedDelivery): Promise<void> {
    const started = performance.now();
    await this.checkpoints.reach('session.deliver.after-claim');
    // 1. Where to, as registered now.
    const found = await askElsewhere(() => this.receivers.of(delivery.client_id));
    if (!found.answered) return this.settlements.postpone(delivery, `auth: ${found.reason}`);
    const answer = found.value;
    if (answer.kind === 'none') return this.settlements.notApplicable(delivery, answer.reason);
    if (answer.kind === 'unsupported') return this.settlements.dead(delivery, answer.reason);
    // 2. May we, and is there room.
    const url = this.check(answer.receiver);
    if (url instanceof ReceiverRefused) return this.settlements.dead(delivery, `receiver refused by policy: ${url.message}`);
    if (!this.slots.enterHost(delivery.client_id, url.host)) return this.settlements.whenThereIsRoom(delivery);
    try {
      await this.attempt(delivery, url, answer.receiver, started);
    } finally {
      this.slots.leaveHost(url.host);
    }
  }

  /** 3. A fresh token. 4. Send it. 5. Write down what came of it. */
  private async attempt(delivery: ClaimedDelivery, url: URL, { alg }: Receiver, started: number): Promise<void> {
    const { sid, sub, client_id, claim: jti, claimed_at } = delivery;
    const now = claimed_at + (performance.now() - started);
    const signed = await askElsewhere(() => this.signer.sign({ sid, sub, client_id, jti, now }, alg));
    if (!signed.answered) {
      if (signed.refused) return this.settlements.dead(delivery, `the logout token was not signed: ${signed.reason}`);
      return this.settlements.postpone(delivery, `token: ${signed.reason}`);
    }
    await this.checkpoints.reach('session.deliver.before-send');
    const sending = performance.now();
    const result = await this.sender.send(url, signed.value);
    const took = performance.now() - sending;
    await this.checkpoints.reach('session.deliver.after-send');
    const outcome: Outcome = outcomeOf(result, Date.now());
    await this.settlements.settle(delivery, outcome, took);
    await this.checkpoints.reach('session.deliver.after-settle');
  }

  private check({ uri }: Receiver): URL | ReceiverRefused {
    try {
      return this.sender.check(uri);
    } catch (error) {
      if (error instanceof ReceiverRefused) return error;
      throw error;
    }
  }
}
