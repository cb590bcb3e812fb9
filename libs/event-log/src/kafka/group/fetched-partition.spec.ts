import type { Decoded } from '../wire.js';
import { FetchedPartition } from './fetched-partition.js';

const OURS = 'e1';
const event = (pseq: number, epoch = OURS): Decoded => ({
  ...{ type: 'event', epoch },
  record: { pseq, event_id: `${epoch}-${pseq}`, key: 'k', name: 'SessionEnded', version: 1, body: {}, recorded_at: 1 },
});
const unreadable = (pseq: number | null): Decoded => ({ type: 'unreadable', why: 'truncated', pseq });
const fetchedBy = (...messages: Decoded[]) => {
  const fetched = new FetchedPartition();
  fetched.learn({ epoch: OURS, last: 0 }, 0);
  for (const [offset, message] of messages.entries()) fetched.add(offset, message);
  return fetched;
};
const idsAfter = (fetched: FetchedPartition, position: number) => {
  const { records, asked } = fetched.after(position, 200);
  return { ids: records.map(({ event_id }) => event_id), asked };
};

describe('what was fetched of a partition', () => {
  it('counts in the epoch of the database that is there; of another epoch only the number is known, and is asked for', () => {
    const fetched = fetchedBy(event(1), event(2, 'e0'), event(3));
    expect(idsAfter(fetched, 0)).toEqual({ ids: ['e1-1', 'e1-3'], asked: false });
    expect(idsAfter(fetched, 1)).toEqual({ ids: ['e1-3'], asked: true });
    expect(idsAfter(fetched, 2)).toEqual({ ids: ['e1-3'], asked: false });
  });

  it('keeps ours of two records of one number, in whatever order they come', () => {
    expect(idsAfter(fetchedBy(event(1, 'e0'), event(1)), 0)).toEqual({ ids: ['e1-1'], asked: false });
    expect(idsAfter(fetchedBy(event(1), event(1, 'e0')), 0)).toEqual({ ids: ['e1-1'], asked: false });
  });

  it('is all unknown before the epoch is, and known with the first answer', () => {
    const fetched = new FetchedPartition();
    fetched.add(0, event(1));
    expect(idsAfter(fetched, 0)).toEqual({ ids: [], asked: true });
    fetched.learn({ epoch: OURS, last: 1 }, fetched.turn);
    expect(idsAfter(fetched, 0)).toEqual({ ids: ['e1-1'], asked: false });
  });

  it.each([
    ['a record', event(1_000_000)],
    ['a record of another epoch', event(1_000_000, 'e0')],
    ['what can’t be read', unreadable(1_000_000)],
  ])('%s that is numbered beyond what its owner has given is asked for once, then nobody waits for it', (_what, far) => {
    const fetched = fetchedBy(event(1), far, event(2));
    expect(fetched.committable(2)).toBe(1);
    expect(idsAfter(fetched, 2).asked).toBe(true);
    expect(fetched.learn({ epoch: OURS, last: 2 }, fetched.turn)).toEqual([1_000_000]);
    expect(idsAfter(fetched, 2)).toEqual({ ids: [], asked: false });
    expect(fetched.committable(2)).toBe(3);
  });

  it('what came after the question was sent is not judged by its answer', () => {
    const fetched = fetchedBy(event(1));
    const { turn } = fetched;
    fetched.add(1, event(2));
    expect(fetched.learn({ epoch: OURS, last: 1 }, turn)).toEqual([]);
    expect(idsAfter(fetched, 0).ids).toEqual(['e1-1', 'e1-2']);
  });

  it('what can’t be read is asked for until it is done, and no longer', () => {
    const fetched = fetchedBy(unreadable(1), unreadable(null));
    expect(idsAfter(fetched, 0).asked).toBe(true);
    expect(idsAfter(fetched, 1).asked).toBe(false);
    expect(fetched.committable(1)).toBe(2);
  });

  it('is full by what came, also when all of it is one number or none, and is committed whatever its size', () => {
    for (const message of [event(1), unreadable(null)]) {
      const fetched = fetchedBy(event(1));
      for (let offset = 1; !fetched.full; offset++) fetched.add(offset, message);
      expect(idsAfter(fetched, 0).ids).toEqual(['e1-1']);
      expect([fetched.full, fetched.nearlyEmpty]).toEqual([true, false]);
      for (let offset = 1_000; offset < 300_000; offset++) fetched.add(offset, message);
      expect([fetched.committable(0), fetched.committable(1)]).toEqual([null, 300_000]);
      expect([fetched.full, fetched.nearlyEmpty]).toEqual([false, true]);
    }
  });
});
