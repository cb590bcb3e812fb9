import { startTestKafka, until } from '#libs/testing';
import { GroupWorld } from '../../testing/group-world.js';
import { KafkaLog } from '../../testing/kafka-log.js';

const COUNT = 30;
const SLOW = { timeoutMs: 90_000 };
const sidsOf = (what: string) => Array.from({ length: COUNT }, (_, n) => `${what}-${n}`);

describe('a broker that goes away while events are being handled', () => {
  it.each(['killed', 'stopped in order', 'paused'] as const)(
    '%s: handlers finish, what is published meanwhile is handled, each once, and by Kafka again when it is back',
    async (how) => {
      const { server, discard } = await startTestKafka();
      const log = await KafkaLog.create({ address: server.address });
      const group = new GroupWorld(log.world);
      try {
        const seen: string[] = [];
        let release: () => void = () => undefined;
        const held = new Promise<void>((resolve) => {
          release = resolve;
        });
        // A second source, as a service has it: while Kafka is away its owner's outbox is read.
        const events = log.eventSource({ fromDatabase: undefined, patienceMs: 2_000 });
        await group.start(
          async (event) => {
            seen.push(event.payload.sid);
            if (event.payload.sid === 'before-3') await held;
          },
          { events },
        );
        await group.publish(...sidsOf('before'));
        await until(() => seen.includes('before-3'), SLOW);
        if (how === 'paused') server.pause();
        else await (how === 'killed' ? server.kill() : server.stop());
        const { publisherOf } = log.world;
        log.world.publisherOf = undefined;
        await group.publish(...sidsOf('during'));
        log.world.publisherOf = publisherOf;
        release();
        await until(async () => (await group.position()) === 2 * COUNT, { ...SLOW, what: 'done without Kafka' });
        if (how === 'paused') server.resume();
        else await server.start();
        await until(() => log.world.relay('session').then(() => true), { ...SLOW, what: 'published' });
        await group.publish(...sidsOf('after'));
        await until(async () => (await group.position()) === 3 * COUNT, { ...SLOW, what: 'done with Kafka' });
        expect(seen.toSorted()).toEqual([...sidsOf('before'), ...sidsOf('during'), ...sidsOf('after')].toSorted());
        expect(await group.deadLetters()).toEqual([]);
        await until(
          async () => {
            const { groups } = await log.admin((admin) => admin.describeGroups([`${log.prefix}.token`]));
            return groups[0]?.members.length === 1;
          },
          { ...SLOW, what: 'one member in the group again' },
        );
      } finally {
        await group.stop();
        await log.close();
        await discard();
      }
    },
    300_000,
  );
});
