import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { ExpiringIds } from './expiring-ids.js';
import { FingerprintSet, fingerprint } from './fingerprints.js';

const randomIds = (count: number) => Array.from({ length: count }, () => randomBytes(16).toString('base64url'));
const print = (id: string) => fingerprint(id, { high: 0, low: 0 });

describe('a set of fingerprints', () => {
  it('finds what was added, and nothing else, through every growth', () => {
    const set = new FingerprintSet();
    const [inside, outside] = [randomIds(50_000), randomIds(50_000)];
    for (const id of inside) expect(set.add(print(id))).toBe(true);
    expect(inside.filter((id) => !set.has(print(id)))).toEqual([]);
    expect(outside.filter((id) => set.has(print(id)))).toEqual([]);
    expect(set.add(print(inside[0] ?? ''))).toBe(false);
    expect(set.size).toBe(inside.length);
  });

  it('takes less than 32 bytes an entry', () => {
    const set = new FingerprintSet();
    for (const id of randomIds(100_000)) set.add(print(id));
    expect(set.bytes / set.size).toBeLessThan(32);
  });

  it('keeps apart ids that differ in one character, or in length', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 40 }), fc.nat(39), fc.string({ minLength: 1, maxLength: 1 }), (id, at, other) => {
        const changed = id.slice(0, at) + other + id.slice(at + 1);
        const [one, two] = [print(id), print(changed)];
        expect(one.high === two.high && one.low === two.low).toBe(id === changed);
      }),
    );
  });

  it('spreads what differs little: numbered ids fill segments and cells alike', () => {
    const set = new FingerprintSet();
    for (let n = 0; n < 50_000; n++) set.add(print(`session-${n}`));
    expect(set.size).toBe(50_000);
    expect(set.bytes / set.size).toBeLessThan(32);
  });
});

describe('ids that expire', () => {
  const SLICE = 1_000;

  it('behave as a map of ids to their latest time, but for staying up to a slice too long', () => {
    const step = fc.oneof(
      fc.record({ add: fc.integer({ min: 0, max: 20 }), at: fc.integer({ min: 0, max: 10_000 }) }),
      fc.record({ expire: fc.integer({ min: 0, max: 10_000 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const ids = new ExpiringIds(SLICE);
        const latest = new Map<number, number>();
        let before = 0;
        for (const each of steps) {
          if ('add' in each) {
            ids.add(`id${each.add}`, each.at);
            latest.set(each.add, Math.max(each.at, latest.get(each.add) ?? 0));
          } else {
            before = each.expire;
            ids.expire(before);
            for (const [id, at] of latest) if (Math.floor(at / SLICE) < Math.floor(before / SLICE)) latest.delete(id);
          }
          for (let id = 0; id <= 20; id++) expect(ids.has(`id${id}`)).toBe(latest.has(id));
        }
      }),
    );
  });

  it('are news when they are new, and when a later mention keeps them longer', () => {
    const ids = new ExpiringIds(SLICE);
    expect([ids.add('a', 0), ids.add('a', 0), ids.add('a', 5 * SLICE), ids.add('a', 0)]).toEqual([true, false, true, false]);
    ids.expire(2 * SLICE);
    expect(ids.has('a')).toBe(true);
    ids.expire(6 * SLICE);
    expect(ids.has('a')).toBe(false);
  });
});
