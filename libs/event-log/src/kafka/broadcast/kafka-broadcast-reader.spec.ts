import { strict as assert } from 'node:assert';
import { testKafka, topicPrefix, until } from '#libs/testing';
import { following } from '../../testing/following.js';
import { BROADCAST_CASES, LogWorld, ReaderLog } from '../../testing/index.js';
import { KafkaHarness } from '../../testing/kafka-harness.js';
import { encodeRow, encodeWatermark, type LogMessage, type LogRow } from '../wire.js';
import { BROADCAST_RULES, type BroadcastRules } from './broadcast-state.js';
import { KafkaBroadcastReader } from './kafka-broadcast-reader.js';

const KAFKA_ALONE: Partial<BroadcastRules> = { stalled: () => false };
const now = () => performance.now();

let world: LogWorld;
let harness: KafkaHarness;
const harnessOf = async (rules: Partial<BroadcastRules> = {}) => {
  harness = await KafkaHarness.create(
    world,
    await testKafka(),
    topicPrefix(),
    (options) => new KafkaBroadcastReader({ ...options, rules }),
  );
  return harness;
};
beforeAll(async () => void (await testKafka()), 360_000);
beforeEach(async () => {
  world = await LogWorld.create();
});
afterEach(async () => {
  await harness.stop();
  await world.close();
});

interface KafkaCase {
  name: string;
  run(h: KafkaHarness): Promise<void>;
}

/** With the second source switched off, so that it is Kafka that proves. */
const KAFKA_CASES: readonly KafkaCase[] = [
  {
    name: 'proves by Kafka alone what ends in any partition, and reads nothing',
    async run(h) {
      const log = await following(h);
      const before = h.reads.length;
      for (const sid of ['a', 'b', 'c', 'd', 'e', 'f']) {
        await h.end(sid);
        assert.ok(await log.provenWith('session', now(), sid), `proven without ${sid}`);
      }
      assert.deepEqual(h.reads.slice(before), []);
      assert.deepEqual(log.gaps('session'), []);
    },
  },
  {
    name: 'reads from the database what the broker had acknowledged and lost, before it proves anything of it',
    async run(h) {
      const log = await following(h);
      const before = h.reads.length;
      await h.endAndLose('lost-1', 'lost-2', 'lost-3');
      const committed = now();
      for (const sid of ['lost-1', 'lost-2', 'lost-3']) assert.ok(await log.provenWith('session', committed, sid), `proven without ${sid}`);
      assert.ok(h.reads.length > before, 'what Kafka does not have is read');
      assert.deepEqual(log.gaps('session'), [], 'a hole in Kafka costs a read, not freshness');
    },
  },
  {
    name: 'takes duplicates for what they are',
    async run(h) {
      const log = await following(h);
      await h.end('a', 'b', 'c', 'd');
      assert.ok(await log.provenWith('session', now(), 'a'));
      const before = h.reads.length;
      await h.publishAgain();
      await h.end('after');
      assert.ok(await log.provenWith('session', now(), 'after'));
      assert.deepEqual(h.reads.slice(before), []);
    },
  },
  {
    name: 'reads the database where a record can’t be decoded, and goes on',
    async run(h) {
      const log = await following(h);
      await h.put({ value: 'not ours' });
      await until(() => h.reads.some((why) => why?.includes('can’t be read') || why?.includes("can't be read")));
      await h.end('after');
      assert.ok(await log.provenWith('session', now(), 'after'));
    },
  },
  {
    name: 'knows every record that is wrong by a rule: it reads the database or passes it, and goes on',
    async run(h) {
      const log = await following(h);
      await h.end('first');
      assert.ok(await log.provenWith('session', now(), 'first'));
      const sound = { pseq: 1, event_id: 'e', key: 'first', name: 'session', version: 1, body: {}, at: Date.now() };
      const epoch = await h.epoch();
      const entry = (over: Partial<LogRow>) => encodeRow('entry', epoch, { ...sound, ...over });
      const { headers, value } = entry({});
      const records: Record<string, Partial<LogMessage>> = {
        'of-an-unknown-type': { headers: { ...headers, 'lanyard-type': 'snapshot' }, value },
        'of-a-newer-version': entry({ version: 99 }),
        'of-an-unknown-kind': entry({ name: 'planet' }),
        'cut-short': { key: 'first', headers, value: value.slice(0, 20) },
        'without-a-key': { key: null, headers, value },
        'without-a-number': { key: 'first', value, headers: { 'lanyard-type': 'entry', 'lanyard-epoch': epoch } },
        'far-ahead': entry({ pseq: 1_000_000, key: 'far-ahead-itself' }),
        'of-the-future': entry({ key: 'of-the-future-itself', at: Date.now() + 365 * 24 * 3_600_000 }),
        'a-duplicate': entry({}),
        'another’s-event': encodeRow('event', epoch, { ...sound, name: 'SessionEnded' }),
      };
      for (const [what, record] of Object.entries(records)) {
        await h.put(record);
        await h.end(what);
        assert.ok(await log.provenWith('session', now(), what), what);
      }
      assert.ok(log.has('of-the-future-itself'), 'dated in the future, it ends what it names all the same');
      assert.deepEqual(log.gaps('session'), []);
    },
  },
  {
    name: 'is not proven by a watermark of another epoch, says so, and is current again when it was a late one',
    async run(h) {
      const log = await following(h);
      await h.put(encodeWatermark('an epoch of before', 1_000_000_000, 0));
      await until(() => log.gaps('session').length > 0, { timeoutMs: h.patienceMs, what: 'a gap' });
      const told = now();
      await h.endAndLose('ended');
      assert.ok(await log.provenWith('session', told, 'ended'));
      assert.match(log.gaps('session')[0] ?? '', /another epoch/);
    },
  },
];

describe('the Kafka broadcast reader keeps the contract of broadcast readers', () => {
  it.each(BROADCAST_CASES.map(({ name, run }) => [name, run] as const))('%s', async (_name, run) => {
    await run(await harnessOf());
  });
});

describe('the Kafka broadcast reader', () => {
  it.each(KAFKA_CASES.map(({ name, run }) => [name, run] as const))('%s', async (_name, run) => {
    await run(await harnessOf(KAFKA_ALONE));
  });

  it('tells of each partition how long the log has been silent, also while the database proves in its place', async () => {
    const h = await harnessOf();
    h.relayRuns();
    const reader = h.reader();
    const log = await new ReaderLog().startedBy(reader);
    const lags = async () => (await reader.lags?.()) ?? [];
    const silent = async () => (await lags()).map(({ ageMs }) => ageMs);
    await until(async () => (await silent()).every((ageMs) => ageMs < 1_000), {
      timeoutMs: 30_000,
      what: 'both partitions proven by Kafka',
    });
    expect((await lags()).map(({ source, partition }) => [source, partition])).toEqual([
      ['session', 0],
      ['session', 1],
    ]);
    await h.relayStops();
    await until(async () => (await silent()).every((ageMs) => ageMs > 2_000));
    const [last] = log.proofs('session').slice(-1);
    expect(now() - (last?.sentMonotonic ?? 0)).toBeLessThan(Math.min(...(await silent())));
    await h.endAndLose('a', 'b', 'c', 'd');
    await until(async () => (await lags()).every(({ behind }) => behind === 0), { what: 'nothing behind, by the database' });
    expect(log.has('a')).toBe(true);
  });

  it('leaves no group behind', async () => {
    const h = await harnessOf();
    h.relayRuns();
    const reader = h.reader();
    await reader.start(new ReaderLog());
    await until(() => h.joined > 0, { timeoutMs: 30_000, what: 'a subscription' });
    expect(await h.groups()).toHaveLength(1);
    await reader.stop();
    expect(await h.groups()).toEqual([]);
  });
});

const { advance, provenBelow } = BROADCAST_RULES;

const MUTANTS: { mutant: string; fails: string; breaks: RegExp; rules: Partial<BroadcastRules> }[] = [
  {
    mutant: 'stands wherever the last number or watermark says',
    fails: 'reads from the database what the broker',
    breaks: /proven without lost-\d/,
    rules: {
      missing: () => null,
      advance: (position, seen, epoch) => {
        const reached = Math.max(position, seen.run?.to ?? 0, seen.watermark?.epoch === epoch ? seen.watermark.last : 0);
        return { position: reached, seen: { ...seen, run: null } };
      },
    },
  },
  {
    mutant: 'trusts a watermark of any epoch',
    fails: 'is not proven by a watermark of another epoch',
    breaks: /still not: a gap/,
    rules: { standing: () => 'ours', provenBelow: (position, seen) => provenBelow(position, seen, seen.watermark?.epoch ?? '') },
  },
  {
    mutant: 'never moves by what Kafka brings',
    fails: 'proves by Kafka alone',
    // By chance: an empty log is proven by its watermark before anything has to move.
    breaks: /still not: a proof by Kafka|number \d of partition \d is missing/,
    rules: { advance: (position, seen, epoch) => ({ ...advance(position, seen, epoch), position }) },
  },
];

describe('readers broken on purpose are caught', () => {
  it.each(MUTANTS)('one that $mutant', async ({ fails, breaks, rules }) => {
    const broken = await harnessOf({ ...KAFKA_ALONE, ...rules });
    broken.patienceMs = 3_000;
    const kafkaCase = KAFKA_CASES.find(({ name }) => name.startsWith(fails));
    expect(kafkaCase).toBeDefined();
    await expect(kafkaCase?.run(broken)).rejects.toThrow(breaks);
  });
});
