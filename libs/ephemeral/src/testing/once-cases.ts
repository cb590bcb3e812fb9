import assert from 'node:assert/strict';
import { type EphemeralCase, freshKey, times } from './harness.js';

export const ONCE_CASES: readonly EphemeralCase[] = [
  {
    name: 'once: of 200 parallel marks of one key exactly one wins',
    async run({ ephemeral }) {
      const [once, key] = [ephemeral.once('case'), freshKey()];
      const won = await times(200, () => once.mark(key, 60_000));
      assert.equal(won.filter(Boolean).length, 1);
    },
  },
  {
    name: 'once: an expired mark can be won again, by one caller, swept or not',
    async run({ ephemeral, advance }) {
      const [once, key] = [ephemeral.once('case'), freshKey()];
      assert.equal(await once.mark(key, 60_000), true);
      await advance(59_000);
      assert.equal(await once.mark(key, 60_000), false);
      await advance(1_001);
      const won = await times(50, () => once.mark(key, 60_000));
      assert.equal(won.filter(Boolean).length, 1);
    },
  },
  {
    name: 'once: one key in two namespaces is two marks',
    async run({ ephemeral }) {
      const key = freshKey();
      assert.equal(await ephemeral.once('case').mark(key, 60_000), true);
      assert.equal(await ephemeral.once('case.other').mark(key, 60_000), true);
    },
  },
  {
    name: 'once: the birth stays, and a store that lost its marks is born again, later',
    async run({ ephemeral, advance, lose }) {
      const [once, key] = [ephemeral.once('case'), freshKey()];
      await once.mark(key, 60_000);
      const born = await times(20, () => once.bornAt());
      assert.equal(new Set(born).size, 1, 'parallel readers saw several births');
      await advance(5_000);
      assert.equal(await once.bornAt(), born[0]);
      await lose();
      assert.equal(await once.mark(key, 60_000), true, 'the mark should be lost: that is what the birth is for');
      assert.ok((await once.bornAt()) >= (born[0] ?? 0) + 5_000);
    },
  },
];
