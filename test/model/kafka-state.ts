import type { BroadcastRecord, BroadcastState, Probe, Ticket } from '#libs/event-log';
import type { Snapshot } from './rows.js';

/** What the checks want to know of a probe, carried in its ticket. `sentAt`: real time. */
export interface KnownTicket extends Ticket {
  readonly sentAt: number;
  readonly endedBefore: boolean;
}

/** What a relay sends in one go. A producer may be slow: a batch flies until it is published, and may be marked or forgotten then. */
export interface Batch {
  readonly records: readonly BroadcastRecord[];
  readonly last: number;
  readonly published: boolean;
  readonly marked: boolean;
}

/** The broker, as far as the one reader can tell: what it has not read yet. And what the reader knows beside its position. */
export interface KafkaWorld {
  readonly flying: readonly Batch[];
  readonly subscribed: boolean;
  readonly unread: readonly BroadcastRecord[];
  readonly seen: Omit<BroadcastState, 'log'>;
  /** A copy of the database that follows it at its leisure; a reader must not ask it. */
  readonly standby: Snapshot | null;
  readonly losses: number;
  readonly duplicates: number;
  readonly consumerSkips: number;
}

export function encodeKafka(kafka: KafkaWorld): string {
  const { seen, flying, standby } = kafka;
  const batches = flying.map((batch) => `${batch.records.map(short).join('+')}${batch.published ? 'p' : ''}${batch.marked ? 'm' : ''}`);
  const { run = null, watermark = null } = seen.partitions.get(0) ?? {};
  const ran = run ? `${run.epoch}.${run.from}.${run.to}` : '';
  const said = watermark ? `${watermark.epoch}.${watermark.ticket}.${watermark.last}` : '';
  const probes = seen.probes.map(encodeProbe).join('+');
  const behind = standby ? `${standby.rows.map((row) => `${row.what}${row.committed ? 'c' : ''}${row.pseq}`).join()}/${standby.last}` : '';
  const foreign = seen.foreign ? `${seen.foreign.epoch}.${seen.foreign.at}` : '';
  const left = `${kafka.losses}.${kafka.duplicates}.${kafka.consumerSkips}`;
  return `|${batches.join('&')}|${kafka.subscribed ? 1 : 0}${kafka.unread.map(short).join('+')}|${ran}|${said}|${probes}|${seen.left}|${foreign}|${seen.wanted ? 1 : 0}|${behind}|${left}`;
}

function encodeProbe({ ticket, sent }: Probe): string {
  const { sentAt, endedBefore } = ticket as KnownTicket;
  return `${ticket.epoch}.${ticket.ticket}.${ticket.dbTime}.${sent.monotonic}.${sent.wall}.${sentAt}${endedBefore ? 'e' : ''}`;
}

function short(record: BroadcastRecord): string {
  if (record.type === 'unreadable') return '?';
  if (record.type === 'watermark') return `W${record.epoch}.${record.ticket}.${record.last}`;
  return `${record.entry?.id ?? '?'}${record.entry?.at}.${record.pseq}${record.epoch}`;
}
