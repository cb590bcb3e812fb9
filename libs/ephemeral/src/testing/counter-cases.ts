import assert from 'node:assert/strict';
import { type EphemeralCase, freshKey, times } from './harness.js';

const MINUTE = 60_000;

export const COUNTER_CASES: readonly EphemeralCase[] = [
  {
    name: 'counter: of 200 parallel hits exactly the limit is allowed',
    async run({ ephemeral }) {
      const counter = ephemeral.counter('case');
      const key = freshKey();
      const states = await times(200, () => counter.hit(key, { limit: 7, windowMs: MINUTE }));
      assert.equal(states.filter((state) => state.retryAfterMs === null).length, 7);
    },
  },
  {
    name: 'counter: a refused hit says when the window ends and does not move it',
    async run({ ephemeral, advance }) {
      const counter = ephemeral.counter('case');
      const [key, limit] = [freshKey(), { limit: 1, windowMs: MINUTE }];
      assert.deepEqual(await counter.hit(key, limit), { count: 1, retryAfterMs: null });
      await advance(20_000);
      const refused = await counter.hit(key, limit);
      assert.ok(
        refused.retryAfterMs !== null && refused.retryAfterMs > 0 && refused.retryAfterMs <= MINUTE - 20_000,
        `retryAfterMs ${refused.retryAfterMs}`,
      );
      await advance(40_000);
      assert.deepEqual(await counter.hit(key, limit), { count: 1, retryAfterMs: null });
    },
  },
  {
    name: 'counter: a flood of refused hits does not delay the next window',
    async run({ ephemeral, advance }) {
      const counter = ephemeral.counter('case');
      const [key, limit] = [freshKey(), { limit: 2, windowMs: MINUTE }];
      await times(50, () => counter.hit(key, limit));
      await advance(MINUTE);
      assert.equal((await counter.hit(key, limit)).retryAfterMs, null);
      assert.equal((await counter.hit(key, limit)).retryAfterMs, null);
      assert.notEqual((await counter.hit(key, limit)).retryAfterMs, null);
    },
  },
  {
    name: 'counter: peek reserves nothing and tells what the next hit would meet',
    async run({ ephemeral }) {
      const counter = ephemeral.counter('case');
      const [key, limit] = [freshKey(), { limit: 1, windowMs: MINUTE }];
      assert.deepEqual(await counter.peek(key, limit), { count: 0, retryAfterMs: null });
      await counter.hit(key, limit);
      const seen = await counter.peek(key, limit);
      assert.equal(seen.count, 1);
      assert.ok(seen.retryAfterMs !== null && seen.retryAfterMs <= MINUTE);
    },
  },
  {
    name: 'counter: reset forgets one key and no other',
    async run({ ephemeral }) {
      const counter = ephemeral.counter('case');
      const [key, other, limit] = [freshKey(), freshKey(), { limit: 1, windowMs: MINUTE }];
      await counter.hit(key, limit);
      await counter.hit(other, limit);
      await counter.reset(key);
      assert.equal((await counter.hit(key, limit)).retryAfterMs, null);
      assert.notEqual((await counter.hit(other, limit)).retryAfterMs, null);
    },
  },
  {
    name: 'counter: one key in two namespaces is two counters',
    async run({ ephemeral }) {
      const [key, limit] = [freshKey(), { limit: 1, windowMs: MINUTE }];
      await ephemeral.counter('case').hit(key, limit);
      assert.equal((await ephemeral.counter('case.other').hit(key, limit)).retryAfterMs, null);
    },
  },
];
