import { EVENTS, type EventName, type ReceivedEvent, type SourceName } from '#libs/contracts';

/** Pure: what becomes of a record, a failure and a hole. Each way out has a name, and none stops a partition for good. */
export interface GroupRecord {
  pseq: number;
  event_id: string;
  key: string;
  name: string;
  version: number;
  body: unknown;
  recorded_at: number;
}

export type DeadReason =
  | 'unknown_type'
  | 'newer_version'
  | 'wrong_source'
  | 'wrong_key'
  | 'bad_payload'
  | 'handler_failed'
  | 'missing'
  | 'swept';

export type Judgement =
  | { to: 'handler'; event: ReceivedEvent }
  /** A known event that this service has no handler for. */
  | { to: 'nobody' }
  | { to: 'dead_letter'; reason: DeadReason; error: string };

export function judgeRecord(source: SourceName, record: GroupRecord, handles: (name: string) => boolean): Judgement {
  const dead = (reason: DeadReason, error: string): Judgement => ({ to: 'dead_letter', reason, error });
  if (!Object.hasOwn(EVENTS, record.name)) return dead('unknown_type', `no event ${record.name} in this version`);
  const name = record.name as EventName;
  const contract = EVENTS[name];
  if (contract.source !== source) return dead('wrong_source', `${name} belongs to ${contract.source}`);
  if (!handles(name)) return { to: 'nobody' };
  if (record.version > contract.version) return dead('newer_version', `${name} version ${record.version}, known up to ${contract.version}`);
  const payload = contract.payload.safeParse(record.body);
  if (!payload.success)
    return dead('bad_payload', payload.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  const key: unknown = (payload.data as Record<string, unknown>)[contract.key];
  if (key !== record.key) return dead('wrong_key', `${name} filed under another key than its ${contract.key}`);
  const { event_id, version, recorded_at } = record;
  return { to: 'handler', event: { event_id, name, version, source, key: record.key, payload: payload.data, recorded_at } };
}

export interface RetryRule {
  tries: number;
  baseMs: number;
  maxMs: number;
}

export const DEFAULT_RETRY: RetryRule = { tries: 6, baseMs: 100, maxMs: 10_000 };

/** Null: the last try was the last. What the handler can't help (a database, a service that is away) is tried again without end. */
export function delayAfterFailure(rule: RetryRule, failed: number, infrastructure: boolean, random: number): number | null {
  if (!infrastructure && failed >= rule.tries) return null;
  const ceiling = Math.min(rule.maxMs, rule.baseMs * 2 ** Math.min(failed - 1, 20));
  return ceiling / 2 + (ceiling / 2) * random;
}

export type Hole = { from: number; to: number; swept: boolean } | null;

/** Numbers are contiguous, so a missing one is either below what retention removed, or lost. `last`: from the same snapshot as the records. */
export function holeBefore(position: number, records: readonly GroupRecord[], last: number, swept: number): Hole {
  const next = records[0]?.pseq ?? last + 1;
  if (next <= position + 1) return null;
  return swept > position
    ? { from: position + 1, to: Math.min(swept, next - 1), swept: true }
    : { from: position + 1, to: next - 1, swept: false };
}

/** The records up to the first missing number. */
export function contiguous(position: number, records: readonly GroupRecord[]): GroupRecord[] {
  const until = records.findIndex((record, index) => record.pseq !== position + 1 + index);
  return until === -1 ? [...records] : records.slice(0, until);
}

/** The position up to which everything is done; what was finished out of order beyond it is delivered again after a crash. */
export function doneUpTo(position: number, records: readonly GroupRecord[], done: ReadonlySet<number>): number {
  let reached = position;
  for (const record of records) {
    if (!done.has(record.pseq)) break;
    reached = record.pseq;
  }
  return reached;
}

/** Chains by key: one after the other within, side by side between them. */
export function chainsByKey(records: readonly GroupRecord[]): GroupRecord[][] {
  const chains = new Map<string, GroupRecord[]>();
  for (const record of records) {
    const chain = chains.get(record.key);
    if (chain) chain.push(record);
    else chains.set(record.key, [record]);
  }
  return [...chains.values()];
}

/** The rules as one value, so that a test can break one of them and show that a named case fails. */
export const DELIVERY_RULES = { judgeRecord, delayAfterFailure, holeBefore, contiguous, doneUpTo, chainsByKey };
export type DeliveryRules = typeof DELIVERY_RULES;
