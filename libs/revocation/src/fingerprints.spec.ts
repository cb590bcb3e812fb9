import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FingerprintSet, fingerprint, packed, unpacked } from './fingerprints.js';

const page = readFileSync(join(__dirname, '../../../docs/revocation-feed.md'), 'utf8');
const vectors = [...page.matchAll(/^\| `(.+)` \| `([0-9a-f]{16})` \|$/gm)].map(([, id, hex]) => [id ?? '', hex ?? ''] as const);

it.each(vectors)('is what the page for resource servers says: %s', (id, hex) => {
  expect(Buffer.from(packed([id])).toString('hex')).toBe(hex);
});

it('has vectors on that page', () => {
  expect(vectors.length).toBeGreaterThan(3);
});

it('travels: what was packed is found again', () => {
  const ids = Array.from({ length: 1_000 }, (_, n) => `id-${n}`);
  const set = new FingerprintSet();
  for (const print of unpacked(packed(ids)) ?? []) set.add(print);
  expect(ids.every((id) => set.has(fingerprint(id, { high: 0, low: 0 })))).toBe(true);
  expect(set.size).toBe(1_000);
});

it('leaves a set whole, segment by segment', () => {
  const set = new FingerprintSet();
  for (let n = 0; n < 5_000; n++) set.add(fingerprint(`id-${n}`, { high: 0, low: 0 }));
  const copy = new FingerprintSet();
  for (const chunk of set.chunks()) for (const print of unpacked(chunk) ?? []) copy.add(print);
  expect(copy.size).toBe(5_000);
  expect(unpacked(new Uint8Array(9))).toBeNull();
});
