import { OpenedTokens } from '../src/opened-tokens.js';

const KEYS = 1;

describe('what was made of tokens that opened', () => {
  it('is remembered while the keys are the same, and forgotten when one has left', () => {
    const opened = new OpenedTokens<string>();
    expect(opened.get('token', KEYS)).toBeUndefined();
    opened.put('token', 'claims', 6, KEYS);
    expect(opened.get('token', KEYS)).toBe('claims');
    expect(opened.get('token', KEYS + 1)).toBeUndefined();
    expect(opened.get('token', KEYS)).toBeUndefined();
  });

  it('is not taken for that of another token that ends the same', () => {
    const opened = new OpenedTokens<string>();
    const [one, other] = ['one', 'other'].map((head) => head + '.'.repeat(80)) as [string, string];
    opened.get(one, KEYS);
    opened.put(one, 'claims', 6, KEYS);
    expect(opened.get(other, KEYS)).toBeUndefined();
    expect(opened.get(one, KEYS)).toBe('claims');
  });

  it('is not kept when a key left while the token was being opened', () => {
    const opened = new OpenedTokens<string>();
    opened.get('token', KEYS + 1);
    opened.put('token', 'claims', 6, KEYS);
    expect(opened.get('token', KEYS + 1)).toBeUndefined();
  });

  it('stays bounded under any number of tokens, all of them asked for again and again', () => {
    const opened = new OpenedTokens<number>(10_000);
    opened.get('', KEYS);
    for (let n = 0; n < 2_000; n++) {
      opened.put(`token-${n}`.padStart(80, '.'), n, 20, KEYS);
      for (let back = 0; back < 150; back++) opened.get(`token-${n - back}`.padStart(80, '.'), KEYS);
    }
    // two generations of a hundred tokens of a hundred characters
    expect(opened.size).toBeLessThanOrEqual(200);
  });

  it('keeps what is in use through a flood of tokens that come once', () => {
    const opened = new OpenedTokens<string>(10_000);
    opened.get('', KEYS);
    opened.put('in use', 'claims', 6, KEYS);
    for (let n = 0; n < 5_000; n++) {
      opened.put(`once-${n}`.padStart(80, '.'), 'claims', 20, KEYS);
      if (n % 50 === 0) expect(opened.get('in use', KEYS)).toBe('claims');
    }
  });

  it('does not hold on to the form that a token was cut from', () => {
    const opened = new OpenedTokens<string>(1_000_000);
    opened.get('', KEYS);
    const before = process.memoryUsage().heapUsed;
    for (let n = 0; n < 6_000; n++) {
      const form = Buffer.alloc(60_000, 'x').toString('latin1') + String(n).padStart(60, '0');
      opened.put(form.slice(60_000), 'claims', 100, KEYS);
    }
    // the forms are 360 MB; with room for what the collector has not come to yet
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200 * 1_048_576);
  });
});
