import { strict as assert } from 'node:assert';
import { until } from '#libs/testing';
import type { Handler } from './group-world.js';

/** A consuming service under the contract of group readers. `handler` is wrapped by the harness, which may break it on purpose. */
export interface GroupHarness {
  start(handler: Handler): Promise<void>;
  /** As kill -9: the instance vanishes with its lease, and commits nothing more. */
  vanish(): Promise<void>;
  /** Waits until the instance has renewed its lease while a handler is at work: a position committed too early is committed now. */
  ticked(): Promise<void>;
  publish(...sids: string[]): Promise<void>;
  reached(position: number): Promise<void>;
  /** Delivers everything again from the beginning. */
  rewind(): Promise<void>;
  /** Runs `work` for an event as the service's consumers must: at most once per event id, in one transaction. */
  once(eventId: string, work: () => void): Promise<void>;
}

export interface GroupCase {
  name: string;
  run(harness: GroupHarness): Promise<void>;
}

/** Turns of the event loop, for others to overtake. */
async function turns(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve));
}

export const GROUP_CASES: readonly GroupCase[] = [
  {
    name: 'delivers every event, and the events of one key in the order they were written',
    async run(h) {
      const seen: string[] = [];
      await h.start(async (event) => {
        // The first of a key takes longest: whoever runs a key's events side by side finishes them out of order.
        if (event.payload.end_id.endsWith('#1')) await turns(100);
        seen.push(event.payload.end_id);
      });
      await h.publish('a#1', 'b#1', 'a#2', 'a#3', 'b#2');
      await h.reached(5);
      assert.deepEqual(
        seen.filter((id) => id.startsWith('a')),
        ['a#1', 'a#2', 'a#3'],
        `in another order than written: ${seen}`,
      );
      assert.deepEqual(
        seen.filter((id) => id.startsWith('b')),
        ['b#1', 'b#2'],
        `in another order than written: ${seen}`,
      );
    },
  },
  {
    name: 'delivers again what an instance had not finished when it vanished',
    async run(h) {
      let release: (() => void) | undefined;
      const frozen = new Promise<void>((resolve) => {
        release = resolve;
      });
      let begun = false;
      await h.start(() => {
        begun = true;
        return frozen;
      });
      try {
        await h.publish('a');
        await until(() => begun);
        await h.ticked();
        await h.vanish();
        const seen: string[] = [];
        await h.start(async (event) => void seen.push(event.payload.sid));
        await until(() => seen.length > 0, { timeoutMs: 3_000, what: 'the redelivery' });
      } finally {
        release?.();
      }
    },
  },
  {
    name: 'has one effect per event, however often it is delivered',
    async run(h) {
      let effects = 0;
      let deliveries = 0;
      const handler: Handler = async (event) => {
        await h.once(event.event_id, () => void effects++);
        deliveries++;
      };
      await h.start(handler);
      await h.publish('a', 'b');
      await h.reached(2);
      await h.vanish();
      await h.rewind();
      await h.start(handler);
      await until(() => deliveries === 4, { timeoutMs: 60_000, what: 'everything delivered again' });
      assert.equal(effects, 2, `${effects} effects of two events`);
    },
  },
];
