import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import { Ticker } from '#libs/event-log';
import { Log } from '#libs/http';
import { type ClaimedDelivery, claimDeliveries } from './claim-deliveries.js';
import { CutGrants } from './cut-grants.js';
import { Deliver } from './deliver.js';
import { HostSlots } from './host-slots.js';

const TICK_MS = 500;

/**
 * apps/session/src/backchannel owns logout deliveries: claiming, sending, retrying, dead letters. It may not touch sessions. This loop, one
 * in each instance, claims whatever is due as long as there are free slots: at once after an end here, every tick for all others.
 */
@Injectable()
export class DeliveryLoop {
  private readonly ticker: Ticker;
  private readonly sending = new Set<Promise<void>>();

  constructor(
    private readonly db: Database,
    private readonly cuts: CutGrants,
    private readonly deliver: Deliver,
    private readonly slots: HostSlots,
    private readonly log: Log,
  ) {
    this.ticker = new Ticker(
      TICK_MS,
      () => this.claim(),
      (error) => this.log.warn('deliveries could not be claimed', {}, error),
    );
  }

  start(): void {
    this.ticker.start();
  }

  /** What is under way finishes; what is claimed by nobody is another instance's. */
  async stop(): Promise<void> {
    await this.ticker.stop();
    await Promise.all(this.sending);
  }

  /** Never waits and never throws: the end that calls it is not held up by a delivery. */
  nudge(): void {
    this.ticker.nudge();
  }

  private async claim(): Promise<void> {
    if (this.slots.left === 0) return;
    const claimed = await claimDeliveries(this.db, { limit: this.slots.left, busy: this.slots.busy() });
    for (const delivery of claimed) this.send(delivery);
  }

  private send(delivery: ClaimedDelivery): void {
    this.slots.enter(delivery.client_id);
    const sending = this.cuts
      .before(delivery)
      .then((ready) => (ready ? this.deliver.deliver(delivery) : undefined))
      // The lease brings it back: it stays claimed until then, and its attempt is recorded as lost.
      .catch((error: unknown) =>
        this.log.warn('delivery interrupted', { delivery_id: delivery.delivery_id, end_id: delivery.end_id }, error),
      )
      .finally(() => {
        this.slots.leave(delivery.client_id);
        this.sending.delete(sending);
        this.nudge();
      });
    this.sending.add(sending);
  }
}
