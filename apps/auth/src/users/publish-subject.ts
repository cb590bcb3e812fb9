import type { EventPayload } from '#libs/contracts';
import type { Tx } from '#libs/database';
import type { Outbox } from '#libs/event-log';
import { oauthError } from '#libs/protocol';
import { initiatorOf } from '../changes/actor.js';
import type { CommittedChange } from '../changes/after-subject-change.js';

export interface Raised {
  sub: string;
  gen: number;
  change: EventPayload<'SubjectChanged'>['change'];
  actor: string;
  keepSid?: string | null;
}

/** The event and the entry of a raised generation, in the transaction that raised it. */
export async function publishRaised(tx: Tx, outbox: Outbox, raised: Raised): Promise<CommittedChange> {
  const changed = eventOf(raised);
  const { sub, gen } = raised;
  const entries = await outbox.add(tx, {
    events: [{ name: 'SubjectChanged', payload: changed }],
    revocations: [{ kind: 'subject', id: sub, gen }],
  });
  return { changed, entries };
}

export function eventOf({ sub, gen, change, actor, keepSid }: Raised): EventPayload<'SubjectChanged'> {
  return { sub, gen, change, initiated_by: initiatorOf(actor, sub), actor, ...(keepSid ? { keep_sid: keepSid } : {}) };
}

export function noSuchUser(): Error {
  return oauthError('not_found', { description: 'There is no such user.' });
}
