import type { RevocationEntry } from '#libs/contracts';
import { EndConfirmer } from './end-confirmer.js';
import type { InternalCaller, RegisteredView } from './view-directory.js';

const ENTRIES: RevocationEntry[] = [{ kind: 'session', id: 's', at: 1 }];
const refused = () =>
  Promise.reject(Object.assign(new Error('unavailable'), { cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) }));
const silent = () => new Promise<never>(() => undefined);
const answers = () => Promise.resolve({});

function world(
  views: Record<string, { lapsed?: boolean; hint: () => Promise<unknown> }>,
  own: { viewId: string; receive: jest.Mock } | null = null,
) {
  const removed: string[] = [];
  const sent: { to: string; entries: number }[] = [];
  const list: RegisteredView[] = Object.entries(views).map(([id, { lapsed = false }]) => ({
    view_id: id,
    address: `http://${id}`,
    lapsed,
  }));
  const client = {
    call: (_endpoint: unknown, request: { entries: unknown[] }, options: { baseUrl: string }) => {
      const id = options.baseUrl.slice('http://'.length);
      sent.push({ to: id, entries: request.entries.length });
      return views[id]?.hint();
    },
  } as unknown as InternalCaller;
  const directory = { list: async () => list, remove: async (id: string) => void removed.push(id) };
  return { confirmer: new EndConfirmer({ client, directory, waitMs: 40, own }), removed, sent, directory };
}

describe('an end is confirmed', () => {
  it('when every registered view answered', async () => {
    const { confirmer, sent } = world({ a: { hint: answers }, b: { hint: answers } });
    expect(await confirmer.confirm(ENTRIES)).toBe(true);
    expect(sent.map(({ to }) => to)).toEqual(['a', 'b']);
  });

  it('with this process’s own view first and without a call to it', async () => {
    const own = { viewId: 'me', receive: jest.fn() };
    const { confirmer, sent } = world({ me: { hint: silent }, a: { hint: answers } }, own);
    expect(await confirmer.confirm(ENTRIES)).toBe(true);
    expect(own.receive).toHaveBeenCalledWith(ENTRIES);
    expect(sent.map(({ to }) => to)).toEqual(['a']);
  });

  it('when a lapsed view answered all the same', async () => {
    expect(await world({ a: { lapsed: true, hint: answers } }).confirmer.confirm(ENTRIES)).toBe(true);
  });

  it('when nobody listens any more at a lapsed view’s address, which is then removed', async () => {
    const { confirmer, removed } = world({ a: { lapsed: true, hint: refused }, b: { hint: answers } });
    expect(await confirmer.confirm(ENTRIES)).toBe(true);
    expect(removed).toEqual(['a']);
  });
});

describe('an end is not confirmed', () => {
  it.each([
    ['a view is silent beyond the wait', { a: { hint: answers }, b: { hint: silent } }],
    ['a lapsed view is silent: its process may only be paused', { a: { lapsed: true, hint: silent } }],
    ['a view within its lease refuses: it may be restarting', { a: { hint: refused } }],
    ['a view answers with an error', { a: { lapsed: true, hint: () => Promise.reject(new Error('500')) } }],
  ])('when %s', async (_why, views) => {
    const { confirmer, removed } = world(views);
    expect(await confirmer.confirm(ENTRIES)).toBe(false);
    expect(removed).toEqual([]);
  });

  it('when the registry can not be read', async () => {
    const { confirmer, directory } = world({});
    directory.list = () => Promise.reject(new Error('down'));
    expect(await confirmer.confirm(ENTRIES)).toBe(false);
  });
});

it('sends many entries in calls of at most a thousand', async () => {
  const { confirmer, sent } = world({ a: { hint: answers } });
  const many = Array.from({ length: 2_500 }, (_, n) => ({ kind: 'session' as const, id: `s${n}`, at: 1 }));
  await confirmer.confirm(many);
  expect(sent.map(({ entries }) => entries)).toEqual([1_000, 1_000, 500]);
});
