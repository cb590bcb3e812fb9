import { until } from '#libs/testing';
import type { KafkaClient } from './kafka-client.js';
import { SteadyConsumer } from './steady-consumer.js';

describe('a consumer whose group can not be joined', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('is made anew twice a second, not as fast as the broker says no', async () => {
    let made = 0;
    const steady = steadyConsumer(() => {
      made++;
      return Promise.reject(new Error('this server does not host this topic-partition'));
    });
    steady.start();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(made).toBeGreaterThanOrEqual(15);
    expect(made).toBeLessThanOrEqual(21);
    await steady.stop();
  });

  it('is there at the next try once it can be', async () => {
    let topics = false;
    const steady = steadyConsumer(() => (topics ? Promise.resolve() : Promise.reject(new Error('not yet'))));
    steady.start();
    await jest.advanceTimersByTimeAsync(3_000);
    expect(steady.current).toBeUndefined();
    topics = true;
    await jest.advanceTimersByTimeAsync(1_000);
    expect(steady.current).toBeDefined();
    await steady.stop();
  });
});

describe('a consumer that is told to stop while it joins its group', () => {
  it('leaves it when it has joined: the library takes such a stop for none', async () => {
    const calls: string[] = [];
    let joined: () => void = () => undefined;
    const run = () => new Promise<void>((resolve) => (joined = resolve)).then(() => void calls.push('joined'));
    const steady = steadyConsumer(async () => undefined, { run, disconnect: async () => void calls.push('disconnected') });
    steady.start();
    await until(() => steady.current !== undefined);
    const stopped = steady.stop();
    joined();
    await stopped;
    expect(calls.at(-1)).toBe('disconnected');
    expect(calls).toContain('joined');
  });
});

interface Ports {
  run(): Promise<void>;
  disconnect(): Promise<void>;
}

const nothing = async () => undefined;

function steadyConsumer(subscribe: () => Promise<void>, ports: Ports = { run: nothing, disconnect: nothing }): SteadyConsumer {
  const consumer = { events: {}, on: () => undefined, connect: nothing, ...ports, subscribe };
  return new SteadyConsumer({
    kafka: { brokers: [], clientId: 'spec', client: () => ({ consumer: () => consumer }) as unknown as KafkaClient },
    ...{ group: { groupId: 'spec' }, topics: ['spec'], fromBeginning: false, partitions: 1 },
    ...{ onBatch: nothing, onAssigned: () => undefined, onTrouble: () => undefined },
  });
}
