import { startTestKafka, until } from '#libs/testing';
import { GroupWorld } from '../../testing/group-world.js';
import { KafkaLog } from '../../testing/kafka-log.js';

const SLOW = { timeoutMs: 60_000 };

describe('a group reader whose broker is killed and comes back', () => {
  let broker: Awaited<ReturnType<typeof startTestKafka>>;
  let log: KafkaLog;
  let group: GroupWorld;
  beforeAll(async () => {
    broker = await startTestKafka();
    log = await KafkaLog.create({ address: broker.server.address });
    group = new GroupWorld(log.world);
  }, 180_000);
  afterAll(async () => {
    await group?.stop();
    await log?.close();
    await broker?.discard();
  }, 120_000);

  it('is given up by the library, begins anew by itself and misses nothing', async () => {
    const seen: string[] = [];
    const crashes: string[] = [];
    const onTrouble = (message: string) => void (message.startsWith('kafka: Crash') && crashes.push(message));
    await group.start(async (event) => void seen.push(event.payload.end_id), { events: log.eventSource({ onTrouble }) });
    await group.publish('before');
    await until(() => seen.includes('before'), { ...SLOW, what: 'the first event' });
    await broker.server.kill();
    await until(() => crashes.length > 0, { ...SLOW, what: 'the library gives its consumer up' });
    await broker.server.start();
    await until(
      () =>
        group.publish('after').then(
          () => true,
          () => false,
        ),
      { ...SLOW, what: 'published again' },
    );
    await until(() => seen.includes('after'), { ...SLOW, what: 'the event after it' });
    expect(await group.deadLetters()).toEqual([]);
  }, 240_000);
});
