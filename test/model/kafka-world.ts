import { type BroadcastRecord, NEW_BROADCAST } from '#libs/event-log';
import type { Step } from './explore.js';
import type { Batch, KafkaWorld } from './kafka-state.js';
import type { Modelled } from './modelled.js';
import { type Database, epochsEnd, type State } from './state.js';

const { log: _log, ...UNSEEN } = NEW_BROADCAST;

export function newKafkaWorld({ scope }: Modelled): KafkaWorld | null {
  if (scope.kafka === null) return null;
  const { losses, duplicates, consumerSkips } = scope.kafka;
  const standby = scope.kafka.standby ? { rows: [], last: 0 } : null;
  return { ...{ flying: [], subscribed: false, unread: [], seen: UNSEEN, standby }, ...{ losses, duplicates, consumerSkips } };
}

/** The process is another: a group of its own again, that begins at the end. */
export const unsubscribed = (kafka: KafkaWorld | null): KafkaWorld | null =>
  kafka && { ...kafka, subscribed: false, unread: [], seen: UNSEEN };

export const withKafka = (s: State, over: Partial<KafkaWorld>): State => ({ ...s, kafka: s.kafka && { ...s.kafka, ...over } });

/** A relay says its watermark every 200 ms; of those that would prove nothing more than the last one, the search leaves out. */
export function mayRelay(model: Modelled, s: State): boolean {
  const { kafka } = s;
  if (!kafka || !model.scope.kafka) return true;
  const lag = kafka.unread.filter(({ type }) => type === 'watermark').length;
  return kafka.flying.length < model.scope.kafka.relays && lag + kafka.flying.length < model.scope.kafka.backlog;
}

export function owesWatermark(s: State): boolean {
  const { kafka } = s;
  if (!kafka?.subscribed) return false;
  const records = [...kafka.unread, ...kafka.flying.flatMap((batch) => batch.records)];
  const coming = records.flatMap((record) => (record.type === 'watermark' && record.epoch === `e${s.db.epoch}` ? record.ticket : []));
  const said = Math.max(0, ...coming);
  return s.db.rows.some((row) => (row.pseq ?? 0) > s.db.published) || kafka.seen.probes.some(({ ticket }) => ticket.ticket >= said);
}

/** When the numbers are committed: all that was not published, and the watermark. */
export function inFlight(model: Modelled, s: State, ticket: number): State {
  const { kafka, db } = s;
  if (!kafka) return s;
  const epoch = `e${db.epoch}`;
  const unpublished = db.rows.filter((row) => row.pseq !== null && row.pseq > db.published).sort((a, b) => (a.pseq ?? 0) - (b.pseq ?? 0));
  const entries = unpublished.map((row): BroadcastRecord => {
    const at = row.at * model.tickMs;
    const readable = !(model.scope.unreadable && row.what === 's');
    return { type: 'entry', partition: 0, epoch, pseq: row.pseq ?? 0, entry: readable ? { kind: 'session', id: row.what, at } : null };
  });
  const watermark: BroadcastRecord = { type: 'watermark', partition: 0, epoch, ticket, last: db.last };
  const records = model.rules.watermarkAfterEvents ? [...entries, watermark] : [watermark, ...entries];
  if (model.scope.calm) {
    const unread = kafka.subscribed ? [...kafka.unread, ...records] : kafka.unread;
    return { ...withKafka(s, { unread }), db: { ...db, published: Math.max(db.published, db.last) } };
  }
  return withKafka(s, { flying: [...kafka.flying, { records, last: db.last, published: false, marked: false }] });
}

/** Batches on their way, and everything a broker may do to what it has. */
export function brokerSteps(model: Modelled, s: State, steps: Step<State>[]): void {
  const { kafka } = s;
  if (!kafka || !model.scope.kafka) return;
  kafka.flying.forEach((batch, n) => void batchSteps(model, s, batch, n, steps));
  const { unread } = kafka;
  if (kafka.losses > 0) {
    for (let length = 0; length < unread.length; length++) {
      const to = withKafka(s, { unread: unread.slice(0, length), losses: kafka.losses - 1 });
      steps.push({ label: `the broker loses the last ${unread.length - length} it had acknowledged`, to });
    }
  }
  if (kafka.duplicates > 0) {
    for (const record of unread) {
      const to = withKafka(s, { unread: [...unread, record], duplicates: kafka.duplicates - 1 });
      steps.push({ label: `once more in the log: ${say(record)}`, to });
    }
  }
  if (kafka.consumerSkips > 0) {
    for (let count = 1; count <= unread.length; count++) {
      const to = withKafka(s, { unread: unread.slice(count), consumerSkips: kafka.consumerSkips - 1 });
      steps.push({ label: `the consumer skips ${unread.slice(0, count).map(say).join(', ')} and is not told`, to });
    }
  }
  if (kafka.standby && kafka.standby.rows !== s.db.rows)
    steps.push({ label: 'the standby catches up', to: withKafka(s, { standby: { rows: s.db.rows, last: s.db.last } }) });
}

function batchSteps(model: Modelled, s: State, batch: Batch, n: number, steps: Step<State>[]): void {
  const { kafka } = s;
  if (!kafka) return;
  const put = (to: Batch | null): Partial<KafkaWorld> => ({ flying: kafka.flying.flatMap((other, m) => (m === n ? (to ?? []) : other)) });
  const appended = kafka.subscribed ? [...kafka.unread, ...batch.records] : [];
  const db: Database = { ...s.db, published: Math.max(s.db.published, batch.last) };
  const said = batch.records.map(say).join(', ');
  const first = model.rules.marksAfterPublish ? batch.published : !batch.published;
  if (!batch.marked && first) {
    const to = batch.published ? put(null) : put({ ...batch, marked: true });
    steps.push({ label: `the relay marks up to ${batch.last} as published`, to: { ...withKafka(s, to), db } });
  }
  if (!batch.published && (model.rules.marksAfterPublish || batch.marked)) {
    const to = withKafka(s, { ...put(batch.marked ? null : { ...batch, published: true }), unread: appended });
    steps.push({ label: `published: ${said}`, to });
  }
  const when = batch.published ? 'after it published' : batch.marked ? 'after it marked' : 'before it publishes';
  steps.push({ label: `the relay dies ${when}`, to: withKafka(s, put(null)) });
}

export function say(record: BroadcastRecord): string {
  if (record.type === 'unreadable') return 'something unreadable';
  if (record.type === 'watermark') return `W{${record.epoch}, ticket ${record.ticket}, last ${record.last}}`;
  return `${record.entry?.id ?? '?'} as ${record.pseq} of ${record.epoch}`;
}

/** Where tickets only rise, what was seen of them is below all that come, and a watermark's use is over when its numbers are read. */
function withoutPast(s: State): State {
  const { kafka } = s;
  const { run = null, watermark = null } = kafka?.seen.partitions.get(0) ?? {};
  const over = watermark !== null && watermark.last <= (s.reader.positions.get(0) ?? 0);
  return {
    ...s,
    reader: s.reader.ticket === 0 ? s.reader : { ...s.reader, ticket: 0 },
    asked: s.asked && { ...s.asked, floor: 0 },
    kafka: kafka && over ? { ...kafka, seen: { ...kafka.seen, partitions: new Map([[0, { run, watermark: null }]]) } } : kafka,
  };
}

/** A lineage that was left may have drawn any number of tickets more than the one that took its place: they lie beyond reach. */
const FAR = 1_000;

/** Tickets are only ever compared with each other, so their order is all that is kept: it makes the space finite. */
export function withOrderedTickets(given: State): State {
  const s = epochsEnd(given) ? withoutPast(given) : given;
  const { kafka } = s;
  if (!kafka) return s;
  const found = new Set<number>([0, s.db.ticket]);
  found.add(s.reader.ticket);
  if (s.copy) found.add(s.copy.ticket);
  if (s.relay) found.add(s.relay.ticket);
  if (s.asked?.ticket) found.add(s.asked.ticket.ticket);
  if (s.asked) found.add(s.asked.floor);
  for (const record of [...kafka.unread, ...kafka.flying.flatMap(({ records }) => records)])
    if (record.type === 'watermark') found.add(record.ticket);
  for (const { watermark } of kafka.seen.partitions.values()) if (watermark) found.add(watermark.ticket);
  for (const { ticket } of kafka.seen.probes) found.add(ticket.ticket);
  const order = [...found].filter((ticket) => Number.isFinite(ticket) && ticket >= 0).sort((a, b) => a - b);
  const ranks = order.map((ticket, n) => (ticket > s.db.ticket ? FAR + n : n));
  if (order.every((ticket, n) => ticket === ranks[n])) return s;
  const rank = (ticket: number): number => ranks[order.indexOf(ticket)] ?? ticket;
  const record = (of: BroadcastRecord): BroadcastRecord => (of.type === 'watermark' ? { ...of, ticket: rank(of.ticket) } : of);
  const partitions = new Map(
    [...kafka.seen.partitions].map(([partition, { run, watermark }]) => [
      partition,
      { run, watermark: watermark && { ...watermark, ticket: rank(watermark.ticket) } },
    ]),
  );
  const probes = kafka.seen.probes.map((probe) => ({ ...probe, ticket: { ...probe.ticket, ticket: rank(probe.ticket.ticket) } }));
  return {
    ...s,
    reader: { ...s.reader, ticket: rank(s.reader.ticket) },
    db: { ...s.db, ticket: rank(s.db.ticket) },
    copy: s.copy && { ...s.copy, ticket: rank(s.copy.ticket) },
    relay: s.relay && { ...s.relay, ticket: rank(s.relay.ticket) },
    asked: s.asked && {
      ...s.asked,
      floor: rank(s.asked.floor),
      ticket: s.asked.ticket && { ...s.asked.ticket, ticket: rank(s.asked.ticket.ticket) },
    },
    kafka: {
      ...kafka,
      unread: kafka.unread.map(record),
      flying: kafka.flying.map((batch) => ({ ...batch, records: batch.records.map(record) })),
      seen: { ...kafka.seen, partitions, probes },
    },
  };
}
