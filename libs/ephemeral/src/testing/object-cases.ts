import assert from 'node:assert/strict';
import { type EphemeralCase, freshKey, times } from './harness.js';

const value = { client_id: 'photo-shop', nested: { list: [1, 'zwei', null], text: 'ünï' } };

export const OBJECT_CASES: readonly EphemeralCase[] = [
  {
    name: 'object: what was put is read back until its deadline, then it is gone, swept or not',
    async run({ ephemeral, advance }) {
      const [objects, key] = [ephemeral.objects('case'), freshKey()];
      assert.equal(await objects.get(key), null);
      const put = await objects.put(key, value, 60_000);
      assert.deepEqual(await objects.get(key), put);
      assert.deepEqual(put.value, value);
      await advance(60_001);
      assert.equal(await objects.get(key), null);
      assert.equal(await objects.update(key, put.version, value), null);
      assert.equal(await objects.take(key), null);
    },
  },
  {
    name: 'object: of 200 parallel takes exactly one gets it',
    async run({ ephemeral }) {
      const [objects, key] = [ephemeral.objects('case'), freshKey()];
      await objects.put(key, value, 60_000);
      const taken = await times(200, () => objects.take(key));
      assert.equal(taken.filter((object) => object !== null).length, 1);
      assert.equal(await objects.get(key), null);
    },
  },
  {
    name: 'object: of 50 parallel updates of one version exactly one is written, and the deadline stays',
    async run({ ephemeral, advance }) {
      const [objects, key] = [ephemeral.objects('case'), freshKey()];
      const { version, expiresAt } = await objects.put(key, value, 60_000);
      await advance(10_000);
      const written = (await times(50, (i) => objects.update(key, version, { i }))).filter((object) => object !== null);
      assert.equal(written.length, 1);
      assert.deepEqual(await objects.get(key), written[0]);
      assert.equal(written[0]?.expiresAt, expiresAt);
      assert.notEqual(written[0]?.version, version);
    },
  },
  {
    name: 'object: a replacement fails the update decided on the old object',
    async run({ ephemeral }) {
      const [objects, key] = [ephemeral.objects('case'), freshKey()];
      const old = await objects.put(key, { n: 1 }, 60_000);
      await objects.put(key, { n: 2 }, 60_000);
      assert.equal(await objects.update(key, old.version, { n: 3 }), null);
      assert.deepEqual((await objects.get(key))?.value, { n: 2 });
    },
  },
  {
    name: 'object: one key in two namespaces is two objects',
    async run({ ephemeral }) {
      const key = freshKey();
      await ephemeral.objects('case').put(key, value, 60_000);
      assert.equal(await ephemeral.objects('case.other').take(key), null);
    },
  },
  {
    name: 'sweep: removes what has expired and nothing else',
    async run({ ephemeral, advance, sweepsItself }) {
      const [objects, once, counter] = [ephemeral.objects('case'), ephemeral.once('case'), ephemeral.counter('case')];
      const [short, long] = [freshKey(), freshKey()];
      const limit = { limit: 1, windowMs: 60_000 };
      await Promise.all([objects.put(short, value, 60_000), once.mark(short, 60_000), counter.hit(short, limit)]);
      await Promise.all([objects.put(long, value, 120_000), once.mark(long, 120_000), counter.hit(long, { limit: 1, windowMs: 120_000 })]);
      await advance(60_001);
      assert.ok((await ephemeral.sweep()) >= (sweepsItself ? 0 : 3));
      assert.deepEqual((await objects.get(long))?.value, value);
      assert.equal(await once.mark(long, 60_000), false);
      assert.equal((await counter.peek(long, limit)).count, 1);
    },
  },
];
