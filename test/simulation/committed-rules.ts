import type { RowSeen, Snapshot } from './snapshot.js';

/** What the rules know beside the rows. */
export interface Known {
  /** The database's clock. */
  now: number;
  /** Sessions whose end somebody asked for. */
  asked: ReadonlySet<string>;
  /** Sessions of which a client holds tokens: `sid client`. */
  holders: readonly { sid: string; client: string }[];
}

/** Everything that may be said of two committed states, one step apart. Each broken rule as a sentence that begins with its name. */
export function brokenBetween(before: Snapshot, after: Snapshot, known: Known): string[] {
  return [
    ...endedStaysEnded(before, after),
    ...everyEndHasItsReason(after, known),
    ...everyEndIsTold(after, known),
    ...refreshMovesByOne(before, after),
    ...codesGiveOneGrant(before, after),
    ...numbersHaveNoHoles(before, after),
    ...positionsAreDone(after),
  ];
}

/** Whose handlers leave a mark, in the transaction in which they work. */
const HANDLED_BY: Readonly<Record<string, readonly string[]>> = { SessionEnded: ['token'], SubjectChanged: ['session', 'token'] };

/** K3: a group reader's position stands behind nothing that it has not handled. */
function positionsAreDone({ positions, done, outbox }: Snapshot): string[] {
  const known = new Set(done.map(({ of }) => of));
  return positions.flatMap(({ reader, source, partition, position }) =>
    outbox
      .filter((row) => row.stream === 'events' && row.source === source && row.partition === partition)
      .filter(
        ({ number, name, event }) =>
          number !== null && number <= position && HANDLED_BY[name]?.includes(reader) && !known.has(`${reader} ${event}`),
      )
      .map(
        ({ name, key, number }) => `K3: ${reader} is at ${position} of ${source}'s events, and ${name} ${key} as ${number} is not handled`,
      ),
  );
}

/** S3 */
function endedStaysEnded(before: Snapshot, after: Snapshot): string[] {
  const now = new Map(after.sessions.map((session) => [session.sid, session]));
  return before.sessions.flatMap(({ sid, state, end_id }) => {
    const session = now.get(sid);
    if (state !== 'ended' || (session?.state === 'ended' && session.end_id === end_id)) return [];
    return [`S3: session ${sid} had ended as ${end_id} and is now ${session?.state} ${session?.end_id}`];
  });
}

/** S10 from the session's side: nothing ends it but what may. */
function everyEndHasItsReason(after: Snapshot, { now, asked }: Known): string[] {
  const gens = new Map(after.subjects.map(({ sub, gen }) => [sub, gen]));
  return after.sessions.flatMap(({ sid, sub, gen, state, reason, due }) => {
    if (state !== 'ended') return [];
    if (reason === 'logout' && asked.has(sid)) return [];
    if ((reason === 'idle_timeout' || reason === 'max_lifetime') && due <= now) return [];
    if ((reason === 'subject_disabled' || reason === 'subject_revoked') && gen < (gens.get(sub) ?? 0)) return [];
    if (reason === 'user_switch') return [];
    return [`S10: session ${sid} ended as ${reason}, and nothing says why`];
  });
}

/** S9, and of N enders one event: one event and one entry an end, one delivery for each participant and for each client that has tokens. */
function everyEndIsTold(after: Snapshot, { holders }: Known): string[] {
  const broken: string[] = [];
  const count = (stream: RowSeen['stream'], key: string) =>
    after.outbox.filter((row) => row.source === 'session' && row.stream === stream && row.key === key && row.name !== 'SessionStarted')
      .length;
  for (const { sid, state } of after.sessions) {
    if (state !== 'ended') continue;
    for (const stream of ['events', 'revocations'] as const) {
      const rows = count(stream, sid);
      if (rows !== 1) broken.push(`S9: session ${sid} ended with ${rows} rows in ${stream}`);
    }
    const owed = after.participants.filter((participant) => participant.sid === sid).map(({ client, round }) => ({ client, round }));
    for (const holder of holders) if (holder.sid === sid) owed.push({ client: holder.client, round: 1 });
    for (const { client, round } of owed) {
      const told = after.deliveries.some((delivery) => delivery.sid === sid && delivery.client === client && delivery.round === round);
      if (!told) broken.push(`S9: session ${sid} ended, and ${client} is owed no notice`);
    }
  }
  return broken;
}

/** S6: one successor at a time, never back; a revoked grant stays revoked. */
function refreshMovesByOne(before: Snapshot, after: Snapshot): string[] {
  const now = new Map(after.grants.map((grant) => [grant.gid, grant]));
  return before.grants.flatMap(({ gid, seq, revoked }) => {
    const grant = now.get(gid);
    const moved = (grant?.seq ?? 0) - (seq ?? 0);
    return [
      ...(moved < 0 || moved > 1 ? [`S6: grant ${gid} went from refresh token ${seq} to ${grant?.seq}`] : []),
      ...(revoked !== null && grant?.revoked !== revoked
        ? [`S11: grant ${gid} was revoked as ${revoked} and is now ${grant?.revoked}`]
        : []),
    ];
  });
}

/** S7 */
function codesGiveOneGrant(before: Snapshot, after: Snapshot): string[] {
  const now = new Map(after.codes.map(({ mac, gid }) => [mac, gid]));
  return before.codes.flatMap(({ mac, gid }) =>
    gid !== null && now.get(mac) !== gid ? [`S7: a code gave grant ${gid} and then ${now.get(mac)}`] : [],
  );
}

/** S4: contiguous, given once, in each stream up to the partition's own last number. */
function numbersHaveNoHoles(before: Snapshot, after: Snapshot): string[] {
  const broken: string[] = [];
  const idOf = ({ source, row }: RowSeen) => `${source} ${row}`;
  const known = new Map(before.outbox.map((row) => [idOf(row), row.number]));
  const lastBefore = new Map(before.last.map(({ of, number }) => [of, number]));
  for (const { of, number: last } of after.last) {
    const rows = after.outbox.filter(
      ({ source, stream, partition, number }) => `${source} ${stream} ${partition}` === of && number !== null,
    );
    const distinct = new Set(rows.map(({ number }) => number));
    if (rows.length !== last || distinct.size !== last || rows.some(({ number }) => (number ?? 0) > last)) {
      broken.push(`S4: ${of} is at ${last} with numbers ${[...distinct].join(', ')}`);
    }
    for (const row of rows) {
      const earlier = known.get(idOf(row)) ?? null;
      if (earlier !== null ? earlier !== row.number : (row.number ?? 0) <= (lastBefore.get(of) ?? 0)) {
        broken.push(`S4: row ${row.row} of ${of} got number ${row.number}, had ${earlier}, last was ${lastBefore.get(of)}`);
      }
    }
  }
  return broken;
}
