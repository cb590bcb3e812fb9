import { EVENTS, type EventName, type EventPayload, type RevocationEntry, type RevocationKind, type SourceName } from '#libs/contracts';
import { PARTITIONS, partitionOf } from '../partitions.js';

export type EventDraft<N extends EventName = EventName> = { [K in N]: { name: K; payload: EventPayload<K> } }[N];

export type RevocationDraft =
  | { kind: 'session'; id: string; end_id?: string | undefined; gen?: undefined }
  | { kind: 'grant' | 'token' | 'key'; id: string; gen?: undefined }
  | { kind: 'subject' | 'client'; id: string; gen: number };

/** What one business transaction publishes. A revocation and its event belong in one `Change`, so that they carry one time. */
export interface Change {
  events?: readonly EventDraft[];
  revocations?: readonly RevocationDraft[];
}

export interface OutboxRow {
  stream: 'events' | 'revocations';
  partition: number;
  key: string;
  name: string;
  version: number;
  body: string;
}

const KINDS: Record<SourceName, readonly RevocationKind[]> = {
  auth: ['subject', 'client'],
  session: ['session'],
  token: ['grant', 'token', 'key'],
};

/** A payload is ids and reasons. A larger row is a bug in its writer, and is refused before it is committed, not by a broker after. */
export const MAX_BODY_BYTES = 64 * 1024;
const REVOCATION_VERSION = 1;

/** Validates against the contract, events first. Throws: what can't be read back must not be committed. */
export function rowsOf(source: SourceName, change: Change, partitions: number = PARTITIONS): OutboxRow[] {
  const rows = [
    ...(change.events ?? []).map((event) => eventRow(source, event)),
    ...(change.revocations ?? []).map((draft) => revocationRow(source, draft)),
  ];
  return rows.map((row) => sized({ ...row, partition: partitionOf(row.key, partitions) }));
}

export function entryOf(draft: RevocationDraft, at: number): RevocationEntry {
  if (draft.kind === 'subject' || draft.kind === 'client') return { kind: draft.kind, id: draft.id, gen: draft.gen, at };
  if (draft.kind === 'session') return { kind: draft.kind, id: draft.id, at, ...(draft.end_id ? { end_id: draft.end_id } : {}) };
  return { kind: draft.kind, id: draft.id, at };
}

type Draft = Omit<OutboxRow, 'partition'>;

function eventRow(source: SourceName, event: EventDraft): Draft {
  const contract = EVENTS[event.name];
  if (contract.source !== source) throw new Error(`${event.name} belongs to ${contract.source}, not to ${source}`);
  const payload: Record<string, unknown> = contract.payload.parse(event.payload);
  const key = String(payload[contract.key]);
  return { stream: 'events', key, name: event.name, version: contract.version, body: JSON.stringify(payload) };
}

function revocationRow(source: SourceName, draft: RevocationDraft): Draft {
  if (!KINDS[source].includes(draft.kind)) throw new Error(`${source} does not revoke by ${draft.kind}`);
  const body = draft.kind === 'session' ? { end_id: draft.end_id } : { gen: draft.gen };
  return { stream: 'revocations', key: draft.id, name: draft.kind, version: REVOCATION_VERSION, body: JSON.stringify(body) };
}

function sized(row: OutboxRow): OutboxRow {
  const bytes = Buffer.byteLength(row.body) + Buffer.byteLength(row.key);
  if (bytes > MAX_BODY_BYTES) throw new Error(`outbox row ${row.name} of ${bytes} bytes is over the limit of ${MAX_BODY_BYTES}`);
  return row;
}
