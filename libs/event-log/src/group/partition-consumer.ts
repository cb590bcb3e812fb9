import type { Checkpoints } from '#libs/checkpoints';
import type { ReceivedEvent } from '#libs/contracts';
import { isUnavailable } from '#libs/database';
import type { DeadReason, DeliveryRules, GroupRecord, RetryRule } from './delivery-rules.js';
import type { EventBatch, EventSource } from './event-source.js';
import { LogContext } from './log-context.js';
import type { PositionId, PositionStore } from './position.store.js';
import type { RetryClock } from './retry-clock.js';

export interface ConsumerPorts {
  positions: PositionStore;
  events: Pick<EventSource, 'read' | 'mine' | 'done'>;
  handles(name: string): boolean;
  handle(event: ReceivedEvent, context: LogContext): Promise<void>;
  rules: DeliveryRules;
  retry: RetryRule;
  clock: RetryClock;
  checkpoints: Checkpoints;
  /** Where people look: a dead letter, a hole, a failed try. */
  warn(message: string, details: Record<string, unknown>): void;
}

const BATCH = 200;
const SIDE_BY_SIDE = 8;
const RENEW_MS = 1_000;
/** Longer than any relay step lives; see PATIENCE_MS of the broadcast reader. */
const HOLE_PATIENCE_MS = 10_000;

/**
 * One partition of one source, as far as this instance holds its lease. At least once, in order per key: keys run side by side, a key's events
 * one after the other, and the position is committed only up to the first event that is not done. A failing event holds up its batch
 * for as long as it is retried (some seconds, then it is a dead letter): the way up is to park its key beside the position.
 */
export class PartitionConsumer {
  position: number | null = null;
  private epoch = '';
  private lost = false;
  private stopping = false;
  private holeSince: number | null = null;

  constructor(
    readonly id: PositionId,
    private readonly ports: ConsumerPorts,
  ) {}

  stop(): void {
    this.stopping = true;
  }

  /** Works until nothing is left to do, or the lease is another's. */
  async step(): Promise<void> {
    if (!this.ports.events.mine(this.id)) return this.handOver();
    const held = await this.ports.positions.acquire(this.id);
    this.position = held?.position ?? null;
    this.epoch = held?.epoch ?? '';
    this.lost = held === null;
    while (this.position !== null && !this.done) {
      const batch = await this.ports.events.read(this.id, { position: this.position, epoch: this.epoch }, BATCH);
      if (await this.jumpHole(this.position, batch)) continue;
      const records = this.ports.rules.contiguous(this.position, batch.records);
      if (records.length === 0) return;
      await this.deliver(this.position, records);
    }
  }

  private get done(): boolean {
    return this.lost || this.stopping || !this.ports.events.mine(this.id);
  }

  /** The log gave the partition to another instance: it need not wait for our lease to run out. */
  private async handOver(): Promise<void> {
    if (this.position === null) return;
    this.position = null;
    await this.ports.positions.release(this.id);
  }

  /** True: the position moved over numbers that will not come. */
  private async jumpHole(position: number, batch: EventBatch): Promise<boolean> {
    const hole = this.ports.rules.holeBefore(position, batch.records, batch.last, batch.swept);
    if (!hole) {
      this.holeSince = null;
      return false;
    }
    this.holeSince ??= this.ports.clock.monotonic();
    if (!hole.swept && this.ports.clock.monotonic() - this.holeSince < HOLE_PATIENCE_MS) return false;
    const reason = hole.swept ? 'swept' : 'missing';
    const error = `numbers ${hole.from} to ${hole.to} are not in the log${hole.swept ? ': retention moved them to the owner’s dead letters' : ''}`;
    await this.bury({ pseq: hole.to }, reason, error, 0);
    await this.commit(hole.to);
    this.holeSince = null;
    return true;
  }

  private async deliver(position: number, records: GroupRecord[]): Promise<void> {
    const done = new Set<number>();
    const chains = this.ports.rules.chainsByKey(records);
    const worker = async () => {
      for (let chain = chains.shift(); chain && !this.done; chain = chains.shift()) {
        for (const record of chain) {
          if (this.done || !(await this.deliverOne(record))) return;
          done.add(record.pseq);
        }
      }
    };
    const renewal = this.ports.clock.every(RENEW_MS, () => this.commit(this.ports.rules.doneUpTo(position, records, done)));
    try {
      await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
    } finally {
      await renewal.stop();
    }
    await this.ports.checkpoints.reach('event-log.group.before-position');
    await this.commit(this.ports.rules.doneUpTo(position, records, done));
  }

  /** False: not done, because the lease or the process went. */
  private async deliverOne(record: GroupRecord): Promise<boolean> {
    const judged = this.ports.rules.judgeRecord(this.id.source, record, (name) => this.ports.handles(name));
    if (judged.to === 'nobody') return true;
    if (judged.to === 'dead_letter') return this.bury(record, judged.reason, judged.error, 0);
    for (let attempt = 1; !this.done; attempt++) {
      try {
        await this.ports.handle(judged.event, new LogContext([this.id.source, this.id.partition, record.pseq, attempt]));
        return true;
      } catch (error) {
        const delay = this.ports.rules.delayAfterFailure(this.ports.retry, attempt, isInfrastructure(error), Math.random());
        this.ports.warn('event handler failed', { ...this.id, ...namesOf(record), attempt, error: messageOf(error) });
        if (delay === null) return this.bury(record, 'handler_failed', messageOf(error), attempt);
        await this.ports.clock.pause(delay, () => this.done);
      }
    }
    return false;
  }

  /** A dead letter that can't be written is no dead letter: the event stays undone and comes again. */
  private async bury(record: Partial<GroupRecord> & { pseq: number }, reason: DeadReason, error: string, tries: number): Promise<true> {
    await this.ports.positions.bury(this.id, record, reason, error, tries);
    this.ports.warn('event became a dead letter', { ...this.id, ...namesOf(record), reason, error });
    return true;
  }

  private async commit(position: number): Promise<void> {
    if (await this.ports.positions.commit(this.id, { position, epoch: this.epoch })) {
      this.position = Math.max(this.position ?? 0, position);
      this.ports.events.done(this.id, this.position);
    } else {
      this.lost = true;
      this.position = null;
    }
  }
}

/** An internal call that found nobody says so in `kind`. */
function isInfrastructure(error: unknown): boolean {
  return isUnavailable(error) || (typeof error === 'object' && error !== null && (error as { kind?: unknown }).kind === 'unavailable');
}

/** How people find the event, and a session's end its line in the cascade. */
function namesOf({ pseq, name, event_id, body }: Partial<GroupRecord>) {
  const end_id = (body as { end_id?: unknown } | null | undefined)?.end_id;
  return { position: pseq, name, event_id, ...(typeof end_id === 'string' ? { end_id } : {}) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
