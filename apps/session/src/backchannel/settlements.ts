import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import { Log, type LogFields } from '#libs/http';
import { Metrics } from '#libs/metrics';
import { recordAudit } from '../audit/record-audit.js';
import type { ClaimedDelivery } from './claim-deliveries.js';
import type { Outcome } from './outcome.js';
import { closeDelivery, giveBack, settleAttempt } from './settle-delivery.js';

/** Seconds before another service that was away is asked again; spread, so that a backlog doesn't come back as one. */
const ELSEWHERE_S = { least: 1, spread: 2 };
const ROOM_S = { least: 0.2, spread: 0.3 };

/** What became of a claimed delivery, written down, logged, and audited when it is dead. */
@Injectable()
export class Settlements {
  constructor(
    private readonly db: Database,
    private readonly log: Log,
    private readonly metrics: Metrics,
  ) {}

  async settle(delivery: ClaimedDelivery, outcome: Outcome, tookMs: number): Promise<void> {
    const attempt = { ...namesOf(delivery), attempt: delivery.attempts + 1 };
    this.metrics.add('lanyard_logout_delivery_attempts_total', { outcome: outcome.kind });
    if (outcome.kind === 'delivered') {
      await settleAttempt(this.db, delivery, outcome, tookMs);
      this.finished(delivery, 'delivered');
      this.log.info('logout token delivered', attempt);
      return;
    }
    const state = await this.db.transaction(async (tx) => {
      const after = await settleAttempt(tx, delivery, outcome, tookMs);
      if (after === 'dead') await recordAudit(tx, [auditOf(delivery, delivery.attempts + 1, outcome.reason)]);
      return after;
    });
    if (state === 'dead') {
      this.finished(delivery, 'dead');
      this.log.error('logout token is undeliverable', { ...attempt, reason: outcome.reason });
    } else this.log.warn('logout token not delivered yet', { ...attempt, reason: outcome.reason });
  }

  /** Dead without an attempt. */
  async dead(delivery: ClaimedDelivery, reason: string): Promise<void> {
    const closed = await this.db.transaction(async (tx) => {
      const mine = await closeDelivery(tx, delivery, 'dead', reason);
      if (mine) await recordAudit(tx, [auditOf(delivery, delivery.attempts, reason)]);
      return mine;
    });
    if (!closed) return;
    this.finished(delivery, 'dead');
    this.log.error('logout token is undeliverable', { ...namesOf(delivery), reason });
  }

  async notApplicable(delivery: ClaimedDelivery, reason: string): Promise<void> {
    if (await closeDelivery(this.db, delivery, 'not_applicable', reason))
      this.log.info('no logout token is owed', { ...namesOf(delivery), reason });
  }

  async postpone(delivery: ClaimedDelivery, reason: string): Promise<void> {
    this.log.warn('logout token waits for another service', { ...namesOf(delivery), reason });
    await giveBack(this.db, delivery, spread(ELSEWHERE_S), reason);
  }

  async whenThereIsRoom(delivery: ClaimedDelivery): Promise<void> {
    await giveBack(this.db, delivery, spread(ROOM_S), null);
  }

  private finished({ claimed_at, created_at, taken }: ClaimedDelivery, outcome: 'delivered' | 'dead'): void {
    const sinceEnd = Math.max(0, claimed_at - created_at) + (performance.now() - taken);
    this.metrics.observe('lanyard_logout_delivery_seconds', { outcome }, sinceEnd / 1_000);
  }
}

function namesOf({ delivery_id, client_id, sid, end_id }: ClaimedDelivery): LogFields {
  return { delivery_id, client_id, sid, end_id };
}

function auditOf({ delivery_id, client_id }: ClaimedDelivery, attempts: number, reason: string) {
  return { actor: 'system', action: 'delivery.dead', target: String(delivery_id), reason, details: { client_id, attempts } } as const;
}

function spread({ least, spread }: { least: number; spread: number }): number {
  return least + Math.random() * spread;
}
