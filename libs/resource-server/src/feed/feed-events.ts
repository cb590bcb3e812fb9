import { LONGEST_BOUND_MS } from '../options.js';

/**
 * What the feed may say (docs/revocation-feed.md), read from what it did say. Anything else is an error of the stream, not of the program: a feed that sends
 * garbage is left, and makes nothing fresh.
 */
export interface Opened {
  readonly resumed: boolean;
  readonly horizon_ms: number;
  /** Of the server's own answers; null where it doesn't say. */
  readonly bound_ms: number | null;
}

export interface SourceTicket {
  readonly epoch: string;
  readonly ticket: number;
  readonly db_time: number;
}

export type SourceName = 'session' | 'token' | 'auth';

export interface Proof {
  readonly sources: Readonly<Partial<Record<SourceName, SourceTicket>>>;
  readonly unpassed_since: number;
}

/** Fingerprint as base64, generation, time. */
export type Raised = readonly [print: string, gen: number, at: number];

export type FeedEvent =
  | ({ readonly event: 'open' } & Opened)
  | { readonly event: 'ended'; readonly kind: string; readonly at: number; readonly fingerprints: Uint8Array }
  | { readonly event: 'raised'; readonly kind: string; readonly raised: readonly Raised[] }
  | ({ readonly event: 'proof' } & Proof)
  | { readonly event: 'leaving' }
  | { readonly event: 'unknown' };

const VERSION = 1;
/** A week: far more than any server can be told. */
const LONGEST_HORIZON_MS = 7 * 86_400_000;
const SOURCES: readonly SourceName[] = ['session', 'token', 'auth'];
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const FINGERPRINT = /^[A-Za-z0-9+/]{11}=$/;

export class FeedError extends Error {
  override readonly name: string = 'FeedError';
}

/** It said more than may be kept, and is likely to say it again. */
export class FeedTooLarge extends FeedError {
  override readonly name = 'FeedTooLarge';
}

export function feedEvent(event: string, text: string): FeedEvent {
  if (!['open', 'ended', 'raised', 'proof', 'leaving'].includes(event)) return { event: 'unknown' };
  const data = recordOf(json(text), event);
  if (event === 'open') {
    if (data.version !== VERSION) throw new FeedError(`version ${JSON.stringify(data.version)} of the feed is not known here`);
    return { event, resumed: data.resumed === true, horizon_ms: horizonOf(data.horizon_ms), bound_ms: boundOf(data.bound_ms) };
  }
  if (event === 'ended') {
    const { kind, at, fingerprints } = data;
    if (typeof fingerprints !== 'string' || !BASE64.test(fingerprints)) throw new FeedError('fingerprints that are no base64');
    return { event, kind: String(kind), at: numberOf(at, 'at'), fingerprints: Buffer.from(fingerprints, 'base64') };
  }
  if (event === 'raised') return { event, kind: String(data.kind), raised: raisedOf(data.raised) };
  if (event === 'proof')
    return { event, sources: sourcesOf(data.sources), unpassed_since: numberOf(data.unpassed_since, 'unpassed_since') };
  return { event: 'leaving' };
}

export function probeAnswer(text: string): Proof['sources'] {
  return sourcesOf(recordOf(json(text), 'the answer to a probe').sources);
}

function sourcesOf(value: unknown): Proof['sources'] {
  const sources = recordOf(value, 'sources');
  const known = SOURCES.flatMap((name) => {
    if (sources[name] === undefined) return [];
    const { epoch, ticket, db_time } = recordOf(sources[name], name);
    if (typeof epoch !== 'string') throw new FeedError(`${name} has no epoch`);
    return [[name, { epoch, ticket: ticketOf(ticket), db_time: numberOf(db_time, 'db_time') }] as const];
  });
  return Object.fromEntries(known);
}

function raisedOf(value: unknown): Raised[] {
  if (!Array.isArray(value)) throw new FeedError('raised is no list');
  return value.map((item: unknown) => {
    const [print, gen, at] = Array.isArray(item) ? item : [];
    if (typeof print !== 'string' || !FINGERPRINT.test(print)) throw new FeedError('a generation without a fingerprint');
    return [print, numberOf(gen, 'gen'), numberOf(at, 'at')] as const;
  });
}

/** Compared with each other, so nothing that loses digits. */
function ticketOf(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new FeedError('ticket is no whole number');
  return value as number;
}

function horizonOf(value: unknown): number {
  const horizon = numberOf(value, 'horizon_ms');
  if (!(horizon > 0 && horizon <= LONGEST_HORIZON_MS)) throw new FeedError('horizon_ms is no horizon');
  return horizon;
}

/** Answers are believed by it, so one that no server can be told is not taken. */
function boundOf(value: unknown): number | null {
  if (value === undefined) return null;
  const bound = numberOf(value, 'bound_ms');
  if (!(bound > 0 && bound <= LONGEST_BOUND_MS)) throw new FeedError('bound_ms is no bound');
  return bound;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new FeedError('data that is no JSON');
  }
}

function recordOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new FeedError(`${what} is no object`);
  return value as Record<string, unknown>;
}

function numberOf(value: unknown, what: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new FeedError(`${what} is no number`);
  return value;
}
