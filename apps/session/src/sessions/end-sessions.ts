import { Inject, Injectable } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import type { EndReason, Initiator, RevocationEntry } from '#libs/contracts';
import { randomId, type Tx } from '#libs/database';
import { type EventDraft, Outbox } from '#libs/event-log';
import { type AuditEntry, recordAudit } from '../audit/record-audit.js';
import { writeDeliveries } from '../backchannel/write-deliveries.js';
import { CHECKPOINTS } from '../ports.js';
import { CLOCK } from './session.store.js';

export interface EndCause {
  reason: EndReason;
  initiated_by: Initiator;
  /** Who, for the audit: an operator, a client, the subject. null = the initiator's kind says it. */
  actor: string | null;
}

export interface EndedSession {
  sid: string;
  sub: string;
  reason: EndReason;
  initiated_by: Initiator;
  ended_at: number;
  end_id: string;
  /** As the audit names it; travels with the event to what hangs from the session. */
  actor: string;
}

export interface EndedBatch {
  sessions: EndedSession[];
  /** What the views must hear of, for the hints. */
  entries: RevocationEntry[];
}

/** What ending needs beside the transaction. */
@Injectable()
export class EndPorts {
  constructor(
    readonly outbox: Outbox,
    @Inject(CHECKPOINTS) readonly checkpoints: Checkpoints,
  ) {}
}

interface EndedRow {
  sid: string;
  sub: string;
  end_reason: EndReason;
  expired: boolean;
  ended_at: number;
  end_id: string;
}

/**
 * The one way a session ends, whatever the cause: row, event, entry, deliveries and audit in the caller's transaction, from active rows
 * only. The race (8): of N enders the UPDATE answers one with the row; the others get nothing and write nothing.
 */
export async function endSessions(
  tx: Tx,
  { outbox, checkpoints }: EndPorts,
  sids: readonly string[],
  cause: EndCause,
): Promise<EndedBatch> {
  const sessions = await turnEnded(tx, sids, cause);
  if (sessions.length === 0) return { sessions, entries: [] };
  await checkpoints.reach('session.end.after-row');
  const entries = await outbox.add(tx, {
    events: sessions.map(eventOf),
    revocations: sessions.map(({ sid, end_id }) => ({ kind: 'session', id: sid, end_id })),
  });
  await checkpoints.reach('session.end.after-outbox');
  await writeDeliveries(tx, sessions);
  await checkpoints.reach('session.end.after-deliveries');
  await recordAudit(tx, sessions.map(auditOf));
  await checkpoints.reach('session.end.before-commit');
  return { sessions, entries };
}

/** Whoever came to write it down. */
const EXPIRED = { initiated_by: 'policy', actor: 'policy' } as const;

/**
 * Locks in the order of the sids first (two mass ends would deadlock otherwise), so that the clock is read after every wait. A row that was
 * already due ends as what it is: an expiry, at its deadline, whoever came first to write it down.
 */
async function turnEnded(tx: Tx, sids: readonly string[], cause: EndCause): Promise<EndedSession[]> {
  if (sids.length === 0) return [];
  await tx.query("SELECT FROM session WHERE sid = ANY($1::text[]) AND state = 'active' ORDER BY sid FOR NO KEY UPDATE", [sids]);
  const { rows } = await tx.query<EndedRow>(
    `UPDATE session s SET state = 'ended', end_id = e.end_id, ended_at = LEAST(c.now, s.idle_deadline),
       end_reason = CASE WHEN s.idle_deadline > c.now THEN $3
                         WHEN s.idle_deadline < s.absolute_deadline THEN 'idle_timeout' ELSE 'max_lifetime' END
     FROM ${CLOCK}, unnest($1::text[], $2::text[]) AS e (sid, end_id)
     WHERE s.sid = e.sid AND s.state = 'active'
     RETURNING s.sid, s.sub, s.end_reason, s.idle_deadline <= c.now AS expired, lanyard.ms(s.ended_at) AS ended_at, s.end_id`,
    [sids, sids.map(() => randomId()), cause.reason],
  );
  const { initiated_by, actor } = cause;
  const by = { initiated_by, actor: actor ?? initiated_by };
  return rows.map(({ expired, end_reason: reason, ...row }) => ({ ...row, reason, ...(expired ? EXPIRED : by) }));
}

function eventOf(session: EndedSession): EventDraft<'SessionEnded'> {
  return { name: 'SessionEnded', payload: session };
}

function auditOf({ sid, sub, end_id, reason, actor }: EndedSession): AuditEntry<'session.ended'> {
  return { actor, action: 'session.ended', target: sid, reason, details: { end_id, sub } };
}
