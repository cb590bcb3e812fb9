import type { RevocationEntry } from '#libs/contracts';
import type { Numbering, ReaderState, ReadPlan, ReadResult, Ticket } from '#libs/event-log';
import { encodeKafka, type KafkaWorld } from './kafka-state.js';
import type { Snapshot } from './rows.js';

export type { Row, Snapshot } from './rows.js';

export interface Database extends Snapshot {
  readonly epoch: number;
  /** The highest ticket drawn. */
  readonly ticket: number;
  readonly lag: number;
  readonly swept: number;
  /** Up to which number a relay has marked rows as published. */
  readonly published: number;
  readonly vouched: boolean;
  readonly refused: boolean;
}

/** A relay step that holds the partition's lock. `before`: who had committed when the ticket was drawn. */
export interface RelayRun {
  readonly before: string | null;
  readonly ticket: number;
  readonly found: Snapshot | null;
  readonly plan: Numbering | null;
  /** Only of a relay that marks before it numbers. */
  readonly marked: boolean;
}

/** A step of the reader, as far as it has come. `sentAt`: real time, for the invariants. */
export interface Asked {
  readonly monotonic: number;
  readonly wall: number;
  readonly sentAt: number;
  /** The highest ticket seen when it was sent for. */
  readonly floor: number;
  readonly found: Snapshot | null;
  readonly ticket: Ticket | null;
  /** Whether s had ended, wherever that is recorded, when the ticket was drawn. */
  readonly endedBefore: boolean;
  readonly plan: ReadPlan | null;
  readonly result: ReadResult | null;
  /** Only of a reader that tells its proof first: what it has not told yet. */
  readonly owed: readonly RevocationEntry[];
}

/** `asked`: the registry has been read and this process stands in it; `gone`: it stood in it and is no more. */
export type Confirmation = 'none' | 'asked' | 'gone' | 'confirmed';

export interface State {
  readonly now: number;
  readonly slept: number;
  readonly wallMoved: number;
  readonly db: Database;
  readonly copy: Database | null;
  readonly witness: number;
  readonly relay: RelayRun | null;
  /** Real time at which s's end was committed first, and what its row said. */
  readonly ended: number | null;
  readonly endedEntryAt: number;
  readonly confirmation: Confirmation;
  readonly registered: boolean;
  readonly view: number;
  /** Real time of the send of the newest proof since the last gap; -1: none. */
  readonly provenAt: number;
  /** Whether this view has ever held s. */
  readonly held: boolean;
  readonly pending: boolean;
  readonly reader: ReaderState;
  readonly asked: Asked | null;
  /** Null with the Postgres log. */
  readonly kafka: KafkaWorld | null;
  /** A token request that has its liveness read and nothing made yet. */
  readonly request: { readonly arrived: number; readonly livenessRead: number } | null;
  /** When the longest-living token of s expires, by the owner's clock. */
  readonly longest: number;
  readonly processRestarts: number;
  readonly databaseRestarts: number;
  readonly failOvers: number;
  readonly restores: number;
  readonly sleeps: number;
  readonly wallSteps: number;
  readonly skips: number;
}

/** Looked up once: in jest's sandbox every look-up of a global is slow. */
const NEVER = Number.POSITIVE_INFINITY;

export const monotonic = (state: State): number => state.now - state.slept;
export const wall = (state: State): number => state.now + state.wallMoved;
export const databaseNow = (state: State): number => state.now - state.db.lag;
export const endIsCommitted = (snapshot: Snapshot): boolean => snapshot.rows.some((row) => row.what === 's' && row.committed);

const number = (value: number | null): string => (value === null ? '-' : String(value));
const rows = (of: Snapshot | null): string =>
  of === null
    ? ''
    : `${of.rows.map((row) => `${row.what}${row.at}${row.committed ? 'c' : `o${row.opened}`}${number(row.pseq)}`).join()}/${of.last}`;
const database = (of: Database | null): string =>
  of === null
    ? ''
    : `${rows(of)}/${of.epoch}/${of.ticket}/${of.lag}/${of.swept}/${of.published}/${of.vouched ? 1 : 0}${of.refused ? 1 : 0}`;

function asked(of: Asked | null): string {
  if (of === null) return '';
  const ticket = of.ticket ? `${of.ticket.ticket},${of.ticket.epoch},${of.ticket.dbTime}${of.endedBefore ? 'e' : ''}` : '';
  const plan = of.plan === null ? '' : of.plan.read === 'since' ? `s${of.plan.since}` : `a${number(of.plan.positions.get(0) ?? null)}`;
  const records = of.result?.records.map((record) => `${record.entry?.id}${record.at}.${number(record.pseq)}`).join() ?? '';
  return `${of.monotonic},${of.wall},${of.sentAt},${of.floor},${rows(of.found)},${ticket},${plan},${of.result ? `${records}/${of.result.lastNumbers.get(0)}` : ''}${of.owed.map((entry) => `!${entry.id}${entry.at}`).join('')}`;
}

function relay(of: RelayRun | null): string {
  return of === null
    ? ''
    : `${of.before ?? '-'},${of.ticket},${rows(of.found)},${of.plan ? `${of.plan.rowIds}>${of.plan.numbers}` : ''}${of.marked ? 'm' : ''}`;
}

/** No other database will take this one's place. */
export const epochsEnd = (s: State): boolean => s.databaseRestarts + s.failOvers + s.restores === 0;

/** Everything that can matter later, and nothing else. Row ids only order rows, and rows are kept in that order. */
export function encode(s: State): string {
  const r = s.reader;
  const ends = s.kafka !== null && epochsEnd(s);
  // When to read again, and how far back, is asked only where an epoch begins.
  const complete = r.complete && (ends ? 'c' : `${r.complete.dbTime}.${r.complete.sent.monotonic}.${r.complete.sent.wall}`);
  const reader = `${r.epoch ?? ''},${r.ticket},${number(r.positions.get(0) ?? null)},${complete ?? ''},${number(r.missingSince)}`;
  const ofKafka = s.kafka ? encodeKafka(s.kafka) : '';
  const left = `${s.processRestarts}.${s.databaseRestarts}.${s.failOvers}.${s.restores}.${s.sleeps}.${s.wallSteps}.${s.skips}`;
  const request = s.request ? `${s.request.arrived}.${s.request.livenessRead}` : '';
  const flags = `${s.registered ? 1 : 0}${s.held ? 1 : 0}${s.pending ? 1 : 0}${s.confirmation[0]}`;
  return `${s.now},${s.slept},${s.wallMoved}|${database(s.db)}|${database(s.copy)}|${s.witness}|${relay(s.relay)}|${number(s.ended)},${s.endedEntryAt}|${flags}|${s.view},${s.provenAt}|${reader}|${asked(s.asked)}|${request}|${s.longest}|${left}${ofKafka}`;
}

/**
 * Tickets are only ever compared with the reader's last one, so that is all that is kept of them: below, equal, above. It makes the
 * space finite; a copy whose tickets lie any number below the reader's is taken to lie one below.
 */
export function withRankedTickets(s: State): State {
  const mine = s.reader.ticket;
  const rank = (ticket: number): number => (mine === NEVER || ticket < mine ? 0 : ticket === mine ? 1 : 2);
  const { db, copy, asked: run } = s;
  const ticket = rank(db.ticket);
  const copied = copy && rank(copy.ticket);
  const drawn = run?.ticket ? rank(run.ticket.ticket) : null;
  if (mine === 1 && ticket === db.ticket && copied === (copy?.ticket ?? null) && drawn === (run?.ticket?.ticket ?? null)) return s;
  return {
    ...s,
    reader: mine === NEVER ? s.reader : { ...s.reader, ticket: 1 },
    db: { ...db, ticket },
    copy: copy && { ...copy, ticket: copied ?? 0 },
    asked: run?.ticket ? { ...run, ticket: { ...run.ticket, ticket: drawn ?? 0 } } : run,
  };
}
