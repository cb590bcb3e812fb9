import type { RevocationEntry } from '#libs/contracts';
import type { LogPlace } from '../../broadcast/broadcast-reader.js';
import {
  type LocalTime,
  NEW_READER,
  READER_RULES,
  type ReaderState,
  type ReadPlan,
  type ReadResult,
  type Ticket,
} from '../../broadcast/reader-state.js';
import { advance, type BroadcastRecord, type FollowedPartition, follow, missing, provenBelow, UNSEEN } from './followed-partition.js';

/**
 * Pure: what a reader of Kafka's broadcast knows of one source (RELIABILITY 3 to 7). The positions are the log reader's own, and both
 * sources move them: Kafka's records where they are contiguous, a read of the database always. A proof comes from either and needs nothing
 * of the other, so a hole in Kafka costs a read, not freshness. Model tests run these very functions.
 */
export interface BroadcastState {
  readonly log: ReaderState;
  readonly partitions: ReadonlyMap<number, FollowedPartition>;
  /** Sent for, answered, and not proven yet; the oldest first. */
  readonly probes: readonly Probe[];
  /** Epochs this reader was in: what still comes of them is late. */
  readonly left: readonly string[];
  /** A record of an epoch that no ticket of ours has shown: perhaps late, perhaps of a primary that is not the one we ask. */
  readonly foreign: { readonly epoch: string; readonly at: number } | null;
  /** Why the database has to be read soon. */
  readonly wanted: string | null;
  /** Local monotonic time at which a read was sent for last. */
  readonly readAt: number;
}

interface Handed {
  entries: RevocationEntry[];
  places: (LogPlace | null)[];
}

const NOTHING: Handed = { entries: [], places: [] };

/** `floor`: the highest ticket seen before it was sent for. */
export interface Sent {
  readonly at: LocalTime;
  readonly floor: number;
}

export interface Probe {
  readonly ticket: Ticket;
  readonly sent: LocalTime;
}

export interface Outcome {
  readonly state: BroadcastState;
  readonly entries: readonly RevocationEntry[];
  /** Of each entry; null: it has no number yet. */
  readonly places: readonly (LogPlace | null)[];
  readonly gap: string | null;
  /** Complete as of its send. */
  readonly proof: Probe | null;
}

/** Two ticks of the probe and one of the relay, and something for the way: with a log that moves, no proof is older when the next comes. */
export const STALLED_MS = 700;
/** Twice a second: what one process asks of the database while Kafka is away. */
export const READ_EVERY_MS = 500;
/** A live primary's relay says its epoch every 200 ms; what was late has passed by then. */
export const FOREIGN_MS = 1_000;
const MAX_PROBES = 64;
const MAX_LEFT = 16;

export const NEW_BROADCAST: BroadcastState = {
  ...{ log: NEW_READER, partitions: new Map(), probes: [], left: [], foreign: null, wanted: null },
  readAt: Number.NEGATIVE_INFINITY,
};

export function onSend(state: BroadcastState, at: LocalTime): Sent {
  return { at, floor: state.log.ticket };
}

/** A batch of one or more partitions. Judged when all of it was handed in. */
export function onRecords(
  state: BroadcastState,
  records: readonly BroadcastRecord[],
  now: number,
  rules: BroadcastRules = BROADCAST_RULES,
): Outcome {
  const handed: Handed = { entries: [], places: [] };
  const partitions = new Map(state.partitions);
  let { wanted, foreign } = state;
  for (const record of records) {
    if (record.type === 'unreadable') wanted ??= `a record of partition ${record.partition} can't be read: ${record.why}`;
    else if (record.type === 'entry' && record.entry === null) {
      // Its number does not count: so nothing is proven before the database has said what it is.
      wanted ??= `number ${record.pseq} of partition ${record.partition} can't be read`;
    } else {
      // Also of another epoch: what ended stays ended.
      if (record.type === 'entry' && record.entry) {
        handed.entries.push(record.entry);
        handed.places.push({ epoch: record.epoch, partition: record.partition, pseq: record.pseq });
      }
      const standing = rules.standing(state, record.epoch);
      if (standing === 'late') continue;
      if (standing === 'foreign') foreign = { epoch: record.epoch, at: now };
      partitions.set(record.partition, rules.follow(partitions.get(record.partition) ?? UNSEEN, record));
    }
  }
  const news = foreign !== null && state.foreign === null ? `a record of another epoch: ${foreign.epoch}` : null;
  return settled({ ...state, partitions, foreign, wanted: wanted ?? news }, handed, news, rules);
}

/** Before the bootstrap every epoch may turn out to be ours. */
export function standing({ log, left }: BroadcastState, epoch: string): 'ours' | 'late' | 'foreign' {
  if (log.epoch === null || log.epoch === epoch) return 'ours';
  return left.includes(epoch) ? 'late' : 'foreign';
}

/** The subscription began anew, somewhere: whatever lies between has to be read. Numbers show a skip as well, but only with the next record. */
export function onReset(state: BroadcastState, why: string): BroadcastState {
  return { ...state, wanted: state.wanted ?? why };
}

/** What an answered ticket is for: a read of the database by `plan`, or else a probe that waits for watermarks. */
export function onTicket(
  state: BroadcastState,
  sent: Sent,
  ticket: Ticket,
  answered: LocalTime,
  horizonMs: number,
  rules: BroadcastRules = BROADCAST_RULES,
): Outcome & { plan: ReadPlan | null } {
  const plan = rules.planRead({ ...state.log, ticket: sent.floor }, ticket, answered, horizonMs);
  const readNow = plan.read === 'since' || state.wanted !== null || rules.stalled(state, sent.at.monotonic);
  if (readNow) {
    const gap = plan.read === 'since' ? plan.why : null;
    return { state: { ...state, readAt: sent.at.monotonic }, ...NOTHING, gap, proof: null, plan };
  }
  const log = { ...state.log, ticket: Math.max(state.log.ticket, ticket.ticket) };
  const probes = [...state.probes, { ticket, sent: sent.at }].slice(-MAX_PROBES);
  return { ...settled({ ...state, log, probes }, NOTHING, null, rules), plan: null };
}

/** The log does not move: the second source goes on by itself. */
export function stalled({ log, readAt }: BroadcastState, now: number): boolean {
  return now - (log.complete?.sent.monotonic ?? Number.NEGATIVE_INFINITY) > STALLED_MS && now - readAt >= READ_EVERY_MS;
}

/** The bootstrap, the recovery and the second source: the log reader's own answer, beside which Kafka went on meanwhile. */
export function onRead(
  state: BroadcastState,
  plan: ReadPlan,
  ticket: Ticket,
  result: ReadResult,
  sent: Sent,
  horizonMs: number,
  rules: BroadcastRules = BROADCAST_RULES,
): Outcome {
  const { log } = state;
  const absorbed = rules.absorb(log, plan, ticket, result, sent.at, horizonMs);
  if (absorbed.gap !== null) {
    const to = { ...state, log: absorbed.state, wanted: absorbed.gap };
    return { state: to, entries: absorbed.entries, places: absorbed.places, gap: absorbed.gap, proof: null };
  }
  const wentBack = plan.read === 'since' && ticket.epoch === log.epoch && ticket.ticket <= sent.floor;
  const foreign = state.foreign?.epoch === ticket.epoch || !foreignLives(state, sent.at.monotonic) ? null : state.foreign;
  const read = log.epoch === ticket.epoch && !wentBack ? furthest(log, absorbed.state) : absorbed.state;
  const next: BroadcastState = {
    ...state,
    // Two primaries, and ours may be the one that was left behind: its answer proves nothing as long as the other speaks.
    log: foreign ? { ...read, complete: log.complete } : read,
    partitions: wentBack ? new Map() : onlyOf(state.partitions, [ticket.epoch, ...(foreign ? [foreign.epoch] : [])]),
    probes: wentBack ? [] : state.probes.filter((probe) => probe.ticket.epoch === ticket.epoch && probe.sent.monotonic > sent.at.monotonic),
    left: left(state, ticket.epoch),
    foreign,
    wanted: foreign ? `a record of another epoch: ${foreign.epoch}` : null,
  };
  const proof = foreign ? null : { ticket, sent: sent.at };
  const outcome = settled(next, absorbed, null, rules);
  return outcome.proof ? outcome : { ...outcome, proof };
}

function foreignLives({ foreign }: BroadcastState, sent: number): boolean {
  return foreign !== null && sent < foreign.at + FOREIGN_MS;
}

/** Moves the positions up to where Kafka's records are contiguous, and looks for what that proves and what is missing. */
function settled(state: BroadcastState, { entries, places }: Handed, gap: string | null, rules: BroadcastRules): Outcome {
  const { epoch } = state.log;
  if (epoch === null) return { state, entries, places, gap, proof: null };
  const positions = new Map(state.log.positions);
  const partitions = new Map(state.partitions);
  let { ticket } = state.log;
  let below = positions.size > 0 ? Number.POSITIVE_INFINITY : 0;
  let hole: string | null = null;
  for (const [partition, known] of positions) {
    const { position, seen } = rules.advance(known, partitions.get(partition) ?? UNSEEN, epoch);
    positions.set(partition, position);
    partitions.set(partition, seen);
    const number = rules.missing(position, seen, epoch);
    if (number !== null) hole ??= `number ${number} of partition ${partition} is missing`;
    below = Math.min(below, rules.provenBelow(position, seen, epoch));
    if (seen.watermark?.epoch === epoch) ticket = Math.max(ticket, seen.watermark.ticket);
  }
  const probes = state.probes.filter((probe) => probe.ticket.epoch === epoch);
  const proof = state.foreign ? null : rules.provenProbe(probes, below);
  const log = { ...state.log, positions, ticket, ...(proof ? { complete: { dbTime: proof.ticket.dbTime, sent: proof.sent } } : {}) };
  const waiting = proof ? probes.filter((probe) => probe.sent.monotonic > proof.sent.monotonic) : probes;
  return { state: { ...state, log, partitions, probes: waiting, wanted: state.wanted ?? hole }, entries, places, gap, proof };
}

/** A watermark proves what was sent for before its own ticket was drawn, and so had a smaller one. */
function provenProbe(probes: readonly Probe[], below: number): Probe | null {
  return probes.findLast((probe) => probe.ticket.ticket < below) ?? null;
}

function furthest(one: ReaderState, read: ReaderState): ReaderState {
  const positions = new Map([...read.positions].map(([partition, last]) => [partition, Math.max(last, one.positions.get(partition) ?? 0)]));
  const newer = one.complete && read.complete && one.complete.sent.monotonic > read.complete.sent.monotonic;
  return { ...read, positions, ticket: Math.max(one.ticket, read.ticket), complete: newer ? one.complete : read.complete };
}

function onlyOf(partitions: ReadonlyMap<number, FollowedPartition>, epochs: readonly string[]): ReadonlyMap<number, FollowedPartition> {
  const of = <T extends { epoch: string }>(item: T | null) => (item && epochs.includes(item.epoch) ? item : null);
  return new Map([...partitions].map(([partition, { run, watermark }]) => [partition, { run: of(run), watermark: of(watermark) }]));
}

function left({ log, left: before }: BroadcastState, epoch: string): readonly string[] {
  if (log.epoch === null || log.epoch === epoch) return before;
  return [...before.filter((known) => known !== epoch), log.epoch].slice(-MAX_LEFT);
}

/** The rules as one value, so that a test can break one of them and show that a named case fails. */
export const BROADCAST_RULES = { ...READER_RULES, standing, follow, advance, missing, provenBelow, provenProbe, stalled };

export type BroadcastRules = typeof BROADCAST_RULES;
