import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

it('every test that docs/security.md names is there', () => {
  const page = read('docs/security.md');
  let [file, end, sentences] = ['', 0, 0];
  for (const match of page.matchAll(/`((?:apps|libs|test)\/[^`]+\.ts)`|“([^”]+)”/g)) {
    const [text, path, sentence] = match;
    if (path !== undefined) {
      expect(read(path)).not.toBe('');
      [file, end] = [path, match.index + text.length];
    } else if (page.slice(end, match.index).trim() === '') {
      expect([file, sentence, read(file).includes(String(sentence))]).toEqual([file, sentence, true]);
      sentences += 1;
    }
  }
  expect(sentences).toBeGreaterThan(40);
});

it('every id of ASVS 5.0 V7 and V10 has its line', () => {
  const V7 = [
    '1.1',
    '1.2',
    '1.3',
    '2.1',
    '2.2',
    '2.3',
    '2.4',
    '3.1',
    '3.2',
    '4.1',
    '4.2',
    '4.3',
    '4.4',
    '4.5',
    '5.1',
    '5.2',
    '5.3',
    '6.1',
    '6.2',
  ];
  const counts = { 1: 2, 2: 3, 3: 5, 4: 16, 5: 5, 6: 2, 7: 3 };
  const V10 = Object.entries(counts).flatMap(([chapter, count]) => Array.from({ length: count }, (_, i) => `${chapter}.${i + 1}`));
  const page = read('docs/security.md');
  const missing = [...V7.map((id) => `7.${id}`), ...V10.map((id) => `10.${id}`)].filter(
    (id) => !new RegExp(`^\\| ${id} +\\|`, 'm').test(page),
  );
  expect(missing).toEqual([]);
});
