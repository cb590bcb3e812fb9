import type { Database } from '#libs/database';
import { ApiScopes } from '../src/discovery/api-scopes.js';

describe('the scopes that APIs declare', () => {
  let reads: { resolve: (names: string[]) => void; reject: (error: Error) => void }[];
  let scopes: ApiScopes;
  let now: jest.SpyInstance<number>;

  beforeEach(() => {
    reads = [];
    const query = () =>
      new Promise((resolve, reject) => {
        reads.push({ resolve: (names) => resolve({ rows: names.map((name) => ({ name })), affected: 0 }), reject });
      });
    scopes = new ApiScopes({ query } as unknown as Database);
    now = jest.spyOn(performance, 'now').mockReturnValue(0);
  });
  afterEach(() => now.mockRestore());

  it('are read once, however many ask at once, and again after ten seconds', async () => {
    const asked = Promise.all([scopes.names(), scopes.names(), scopes.names()]);
    reads[0]?.resolve(['a']);
    expect(await asked).toEqual([['a'], ['a'], ['a']]);
    now.mockReturnValue(9_999);
    expect(await scopes.names()).toEqual(['a']);
    now.mockReturnValue(10_000);
    const again = scopes.names();
    reads[1]?.resolve(['b']);
    expect(await again).toEqual(['b']);
    expect(reads).toHaveLength(2);
  });

  it('are the last known ones while they can not be read; without any, that is an error, and asked again', async () => {
    const first = scopes.names();
    reads[0]?.reject(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    const second = scopes.names();
    reads[1]?.resolve(['a']);
    await second;
    now.mockReturnValue(60_000);
    const third = scopes.names();
    reads[2]?.reject(new Error('gone'));
    expect(await third).toEqual(['a']);
  });
});
