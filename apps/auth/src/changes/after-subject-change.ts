import { Injectable } from '@nestjs/common';
import { type EventPayload, type RevocationEntry, sessionApi } from '#libs/contracts';
import { InternalClient, Log } from '#libs/http';
import { AfterChange } from './after-change.js';

/** A change of a subject that is committed: what the log will say, and what the views must hear. */
export interface CommittedChange {
  readonly changed: EventPayload<'SubjectChanged'>;
  readonly entries: RevocationEntry[];
}

export interface SubjectOutcome {
  readonly gen: number;
  /** Sessions that this call ended; what the event ended before it is not counted. null: the session service was not told; the event will. */
  readonly ended: number | null;
  /** Its sessions have ended and every registered view refuses the generations before. */
  readonly confirmed: boolean;
}

/** After the commit: the views and the session service at once and side by side. Without them the log does the same, only later. */
@Injectable()
export class AfterSubjectChange {
  constructor(
    private readonly after: AfterChange,
    private readonly internal: InternalClient,
    private readonly log: Log,
  ) {}

  async announce({ changed, entries }: CommittedChange): Promise<SubjectOutcome> {
    const { sub, gen, change, actor = null } = changed;
    const [known, ended] = await Promise.all([this.after.announce(entries), this.endSessions(changed)]);
    const confirmed = known && ended !== null;
    this.log.info('a subject changed', { sub, action: change, actor, count: ended ?? 0, confirmed });
    return { gen, ended, confirmed };
  }

  private async endSessions(changed: CommittedChange['changed']): Promise<number | null> {
    try {
      return (await this.internal.call(sessionApi.endOutdated, changed)).ended;
    } catch (error) {
      this.log.warn('the session service was not told; the log will', { sub: changed.sub, action: changed.change }, error);
      return null;
    }
  }
}
