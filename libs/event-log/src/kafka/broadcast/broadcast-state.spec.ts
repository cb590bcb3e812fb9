import fc from 'fast-check';
import { HAPPENINGS, type Happening, KafkaHistory } from '../../testing/kafka-history.js';
import {
  BROADCAST_RULES,
  type BroadcastRules,
  type BroadcastState,
  FOREIGN_MS,
  NEW_BROADCAST,
  onRead,
  onRecords,
  onSend,
  onTicket,
} from './broadcast-state.js';

const SEED = 20_251_121;
const histories = fc.array(fc.tuple(fc.constantFrom(...HAPPENINGS), fc.nat(999)), { minLength: 20, maxLength: 100, size: 'max' });

const played = (happenings: readonly Happening[], rules?: BroadcastRules) => {
  const history = new KafkaHistory(rules);
  for (const happening of happenings) {
    history.happen(happening);
    if (history.violation) break;
  }
  return history;
};

describe('a reader of Kafka’s broadcast, whatever relay, broker and database do', () => {
  it('proves nothing without every end that was committed before the proof was sent for', () => {
    fc.assert(
      fc.property(histories, (happenings) => {
        expect(played(happenings).violation).toBeNull();
      }),
      { seed: SEED, numRuns: 3_000 },
    );
  });

  it('is current again two seconds after everything is healthy, and then by Kafka alone', () => {
    fc.assert(
      fc.property(histories, (happenings) => {
        const history = played(happenings);
        history.calm();
        history.calm();
        const { reads, time } = history;
        history.calm();
        expect(history.violation).toBeNull();
        expect(history.reads).toBe(reads);
        expect(history.proofs.at(-1)).toMatchObject({ by: 'records' });
        expect(history.proofs.at(-1)?.sent).toBeGreaterThan(time);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});

const { advance, follow, provenBelow, planRead } = BROADCAST_RULES;

const MUTANTS: { mutant: string; rules: Partial<BroadcastRules> }[] = [
  {
    mutant: 'takes the highest number it has seen for its position',
    rules: {
      advance: (position, seen, epoch) => advance(seen.run && seen.run.from > position + 1 ? seen.run.from - 1 : position, seen, epoch),
    },
  },
  {
    mutant: 'trusts a watermark whose numbers it lacks',
    rules: { provenBelow: (_position, seen, epoch) => provenBelow(Infinity, seen, epoch) },
  },
  {
    mutant: 'trusts a watermark of any epoch',
    rules: { standing: () => 'ours', provenBelow: (position, seen) => provenBelow(position, seen, seen.watermark?.epoch ?? '') },
  },
  {
    mutant: 'takes a watermark for the proof of any probe',
    rules: { provenProbe: (probes, below) => (below > 0 ? (probes.at(-1) ?? null) : null) },
  },
  {
    mutant: 'counts numbers of another epoch',
    rules: {
      standing: () => 'ours',
      advance: (position, seen, epoch) => advance(position, seen.run ? { ...seen, run: { ...seen.run, epoch } } : seen, epoch),
    },
  },
  {
    mutant: 'joins two runs that have a hole between them',
    rules: {
      follow: (seen, record) => {
        const { run } = seen;
        const joins = record.type === 'entry' && run?.epoch === record.epoch && record.pseq > run.to;
        return joins ? { ...seen, run: { ...run, to: record.pseq } } : follow(seen, record);
      },
    },
  },
  {
    mutant: 'begins at the end of the log',
    rules: {
      planRead: (state, ...rest) => {
        const plan = planRead(state, ...rest);
        return plan.read === 'since' && plan.why === null ? { ...plan, since: Infinity } : plan;
      },
    },
  },
  {
    mutant: 'goes on by its numbers in a new epoch',
    rules: {
      planRead: (state, ticket, ...rest) => {
        const plan = planRead(state, ticket, ...rest);
        return plan.read === 'since' && plan.why !== null ? { read: 'after', positions: state.positions } : plan;
      },
    },
  },
];

describe('a reader broken on purpose is caught', () => {
  it.each(MUTANTS)('one that $mutant', ({ rules }) => {
    const caught = fc.check(
      fc.property(histories, (happenings) => played(happenings, { ...BROADCAST_RULES, ...rules }).violation === null),
      { seed: SEED, numRuns: 40_000, endOnFailure: true },
    );
    expect(caught.failed).toBe(true);
  });
});

describe('two primaries, of which ours may be the one that was left behind', () => {
  const HORIZON_MS = 4_200_000;
  const local = (at: number) => ({ monotonic: at, wall: at });
  /** A read of our database, complete in itself. */
  const read = (state: BroadcastState, at: number, epoch: string, ticket: number) => {
    const sent = onSend(state, local(at));
    const answer = { ticket, epoch, dbTime: at, unpassedSince: at };
    const { plan, ...asked } = onTicket(state, sent, answer, local(at), HORIZON_MS);
    if (plan === null) throw new Error('no read was due');
    return { plan, ...onRead(asked.state, plan, answer, { records: [], lastNumbers: new Map([[0, 0]]) }, sent, HORIZON_MS) };
  };
  const speaks = (state: BroadcastState, at: number) =>
    onRecords(state, [{ type: 'watermark', partition: 0, epoch: 'new', ticket: 9, last: 0 }], at);

  it('ours proves nothing as long as the other speaks, and what it proved meanwhile is read again from the other', () => {
    const { state: started } = read(NEW_BROADCAST, 100_000, 'old', 1);
    let heard = speaks(started, 100_100);
    expect(heard.gap).toContain('another epoch');
    for (let at = 100_200; at < 400_000; at += 200) {
      const ours = read(heard.state, at, 'old', at);
      expect(ours.proof).toBeNull();
      heard = speaks(ours.state, at + 100);
    }
    const other = read(heard.state, 400_000, 'new', 10);
    expect(other.proof).not.toBeNull();
    expect(other.plan).toMatchObject({ read: 'since', why: 'the epoch changed' });
    expect(other.plan.read === 'since' && other.plan.since).toBeLessThan(100_000);
  });

  it('a late record is forgiven when nothing more comes of its epoch', () => {
    const { state } = speaks(read(NEW_BROADCAST, 100_000, 'old', 1).state, 100_100);
    const soon = read(state, 100_300, 'old', 2);
    expect(soon.proof).toBeNull();
    expect(read(soon.state, 100_100 + FOREIGN_MS, 'old', 3).proof).not.toBeNull();
  });
});
