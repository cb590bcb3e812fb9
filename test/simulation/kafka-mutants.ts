import { BROADCAST_RULES, type BroadcastRules } from '#libs/event-log';
import type { Altered } from './kafka/altered-publisher.js';
import type { NamedMutant } from './mutants.js';

const { provenBelow } = BROADCAST_RULES;

/** Where a number is, there its reader is: as a consumer does that only knows offsets. */
const NO_GAPS: Partial<BroadcastRules> = {
  advance: (position, { run, watermark }, epoch) => {
    const reached = Math.max(position, run?.epoch === epoch ? run.to : 0, watermark?.epoch === epoch ? watermark.last : 0);
    return { position: reached, seen: { run: null, watermark } };
  },
  missing: () => null,
};

/** Before the broker has them. */
const marksFirst: Altered = (publisher, { send }) => {
  publisher.send = async (batches) => {
    for (const { offer, rows, complete } of batches) {
      const last = rows.at(-1)?.pseq;
      if (last !== undefined) await publisher.mark(offer, complete ? offer.last : last);
    }
    await send(batches);
  };
};

const watermarkFirst: Altered = (publisher, { connected }) => {
  publisher.connected = async () => {
    const producer = await connected();
    const first = (messages: { headers: Record<string, string> }[]) =>
      messages.toSorted((a, b) => Number(b.headers['lanyard-type'] === 'watermark') - Number(a.headers['lanyard-type'] === 'watermark'));
    return {
      ...producer,
      sendBatch: ({ topicMessages, ...rest }) =>
        producer.sendBatch({ ...rest, topicMessages: topicMessages.map(({ topic, messages }) => ({ topic, messages: first(messages) })) }),
    };
  };
};

/** Rules of RELIABILITY 3 to 7 taken out, on seeds with Kafka as the log. */
export const KAFKA_MUTANTS: readonly NamedMutant[] = [
  { name: 'a relay that marks before it publishes', tamper: { kafka: { publisher: marksFirst } }, breaks: /K1/ },
  {
    name: 'a relay that takes a broken answer for an acknowledgement',
    tamper: {
      kafka: {
        publisher: (publisher, { send }) => {
          publisher.send = (batches) => send(batches).catch(() => undefined);
        },
      },
    },
    from: 14,
    breaks: /K1/,
  },
  { name: 'a watermark that stands before its numbers', tamper: { kafka: { publisher: watermarkFirst } }, breaks: /K2/ },
  {
    name: 'a watermark on a batch cut short',
    tamper: {
      kafka: {
        publisher: (publisher, { batchOf }) => {
          publisher.batchOf = async (offer) => ({ ...(await batchOf(offer)), complete: true });
        },
      },
    },
    from: 9,
    breaks: /K1|K2/,
  },
  { name: 'a reader that sees no holes', tamper: { kafka: { rules: NO_GAPS } }, from: 97, breaks: /S4/ },
  {
    name: 'a reader that is as fresh as ever after a skip, and asks nobody',
    tamper: {
      kafka: {
        rules: {
          provenBelow: (_position, { watermark }, epoch) => (watermark?.epoch === epoch ? watermark.ticket : 0),
          missing: () => null,
          stalled: () => false,
        },
      },
    },
    from: 242,
    breaks: /S4/,
  },
  {
    name: 'a reader that reads the database before it subscribes, and sees no holes',
    tamper: { kafka: { rules: NO_GAPS, joinsLate: true } },
    from: 21,
    breaks: /S4/,
  },
  {
    name: 'a watermark that proves what was asked after it',
    tamper: { kafka: { rules: { provenProbe: (probes, below) => (below > 0 ? (probes.at(-1) ?? null) : null) } } },
    from: 165,
    breaks: /S4/,
  },
  {
    name: 'an epoch that nobody looks at',
    tamper: {
      kafka: {
        rules: { standing: () => 'ours', provenBelow: (position, seen) => provenBelow(position, seen, seen.watermark?.epoch ?? '') },
      },
    },
    from: 657,
    breaks: /S4/,
  },
  { name: 'a group reader that commits its position before it has handled', tamper: { commitsFirst: true }, breaks: /K3/ },
  {
    name: 'a group reader that takes a number of another epoch for its own',
    tamper: { kafka: { fetching: { isOurs: () => true } } },
    from: 46,
    breaks: /K3/,
  },
  {
    name: 'a group reader that asks nobody for what Kafka does not bring',
    tamper: { kafka: { asksNobody: true } },
    from: 84,
    breaks: /L1|L3|S2/,
  },
];
