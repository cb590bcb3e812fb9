import { z } from 'zod';
import { type RevocationEntry, revocationEntry } from '#libs/contracts';
import type { GroupRecord } from '../group/delivery-rules.js';

/**
 * What a message looks like. Its key is the outbox row's; `lanyard-type`, `lanyard-epoch` and `lanyard-pseq` are headers, so that a
 * number is known even where the body can't be read. Whatever arrives has a named result: nothing that a topic may hold throws.
 */
export interface LogRow {
  pseq: number;
  event_id: string;
  key: string;
  name: string;
  version: number;
  body: unknown;
  /** Database time of the change, ms. */
  at: number;
}

export interface LogMessage {
  key: string | null;
  value: string;
  headers: Record<string, string>;
}

/** As it comes: any of it may be missing, or somebody else's. */
export interface ReceivedMessage {
  key?: Buffer | null | undefined;
  value?: Buffer | null | undefined;
  headers?: Record<string, Buffer | string | (Buffer | string)[] | undefined> | undefined;
}

export type Decoded =
  /** `entry` null: the number is known, the body can't be read (truncated, of a newer version). */
  | { type: 'entry'; epoch: string; pseq: number; entry: RevocationEntry | null }
  | { type: 'event'; epoch: string; record: GroupRecord }
  | { type: 'watermark'; epoch: string; ticket: number; last: number }
  | { type: 'unreadable'; why: UnreadableReason; pseq: number | null };

export type UnreadableReason = 'no_type' | 'unknown_type' | 'no_epoch' | 'no_number' | 'no_value' | 'truncated' | 'bad_shape';

const ENTRY_VERSION = 1;
const number = z.int().nonnegative();
const rowShape = z.object({
  event_id: z.string().min(1),
  name: z.string().min(1),
  version: z.int().positive(),
  body: z.unknown(),
  at: z.int(),
});
const watermarkShape = z.object({ ticket: number, last: number });

export function encodeRow(type: 'entry' | 'event', epoch: string, { pseq, key, ...value }: LogRow): LogMessage {
  return {
    key,
    value: JSON.stringify(value),
    headers: { 'lanyard-type': type, 'lanyard-epoch': epoch, 'lanyard-pseq': String(pseq) },
  };
}

/** "What was committed before this ticket was drawn has a number up to `last`, and stands before me." */
export function encodeWatermark(epoch: string, ticket: number, last: number): LogMessage {
  return { key: null, value: JSON.stringify({ ticket, last }), headers: { 'lanyard-type': 'watermark', 'lanyard-epoch': epoch } };
}

export function decode(message: ReceivedMessage): Decoded {
  const type = header(message, 'lanyard-type');
  const epoch = header(message, 'lanyard-epoch');
  const pseq = numberOf(header(message, 'lanyard-pseq'));
  const unreadable = (why: UnreadableReason): Decoded => ({ type: 'unreadable', why, pseq });
  if (type === null) return unreadable('no_type');
  if (type !== 'entry' && type !== 'event' && type !== 'watermark') return unreadable('unknown_type');
  if (!epoch) return unreadable('no_epoch');
  if (type !== 'watermark' && pseq === null) return unreadable('no_number');
  const value = jsonOf(message.value);
  if (type === 'watermark') {
    const parsed = watermarkShape.safeParse(value);
    return parsed.success ? { type, epoch, ...parsed.data } : unreadable(whyNot(message.value, value));
  }
  const row = rowShape.safeParse(value);
  const key = message.key?.toString('utf8');
  if (type === 'entry') return { type, epoch, pseq: pseq ?? 0, entry: row.success && key ? entryOf(key, row.data) : null };
  if (!row.success || !key) return unreadable(whyNot(message.value, value));
  const { at: recorded_at, ...rest } = row.data;
  return { type, epoch, record: { pseq: pseq ?? 0, key, ...rest, recorded_at } };
}

function entryOf(id: string, { name, version, body, at }: z.infer<typeof rowShape>): RevocationEntry | null {
  if (version !== ENTRY_VERSION || typeof body !== 'object' || body === null) return null;
  const parsed = revocationEntry.safeParse({ ...body, kind: name, id, at });
  return parsed.success ? parsed.data : null;
}

function header({ headers }: ReceivedMessage, name: string): string | null {
  const value = headers?.[name];
  const one = Array.isArray(value) ? value[0] : value;
  return one === undefined ? null : one.toString();
}

function numberOf(text: string | null): number | null {
  const parsed = text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
  return parsed !== null && parsed > 0 ? parsed : null;
}

function jsonOf(value: Buffer | null | undefined): unknown {
  if (!value || value.length === 0) return undefined;
  try {
    return JSON.parse(value.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

function whyNot(raw: Buffer | null | undefined, parsed: unknown): UnreadableReason {
  if (!raw || raw.length === 0) return 'no_value';
  return parsed === undefined ? 'truncated' : 'bad_shape';
}
