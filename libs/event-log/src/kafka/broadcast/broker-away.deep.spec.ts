import { startTestKafka, topicPrefix, until } from '#libs/testing';
import { following, withoutReads } from '../../testing/following.js';
import { LogWorld } from '../../testing/index.js';
import { KafkaHarness } from '../../testing/kafka-harness.js';

const now = () => performance.now();
/** As published: the bound of 2,000 ms less 100. */
const APART_MS = 1_900;
/** For a machine that stands still for a moment while it runs other tests too; where it has a core for this one, there is none of it. */
const STALL_MS = 1_000;

let world: LogWorld;
let harness: KafkaHarness;
beforeEach(async () => {
  world = await LogWorld.create();
});
afterEach(() => world.close());

describe('a broker that goes away', () => {
  it.each(['killed', 'paused'] as const)(
    '%s, costs no freshness, and is followed again when it is back',
    async (how) => {
      const { server, discard } = await startTestKafka();
      try {
        harness = await KafkaHarness.create(world, server.address, topicPrefix());
        const log = await following(harness);
        const away = now();
        if (how === 'killed') await server.kill();
        else server.pause();
        for (const sid of ['while-away-1', 'while-away-2', 'while-away-3']) {
          await harness.end(sid);
          expect(await log.provenWith('session', now(), sid)).toBe(true);
        }
        if (how === 'killed') await server.start();
        else server.resume();
        await until(() => withoutReads(harness, log), { timeoutMs: 40_000, what: 'proofs without reads' });
        const sent = log.proofs('session').map((proof) => proof.sentMonotonic);
        const apart = Math.max(...sent.slice(1).map((at, n) => at - (sent[n] ?? at)));
        process.stdout.write(`broker ${how}: proofs were sent for at most ${Math.round(apart)} ms apart\n`);
        expect(sent.at(-1)).toBeGreaterThan(away);
        expect(apart).toBeLessThan(APART_MS + STALL_MS);
        expect(log.gaps('session')).toEqual([]);
      } finally {
        await harness.stop();
        await discard();
      }
    },
    120_000,
  );
});
