import type { RevocationEntry, SourceName } from '#libs/contracts';
import { RevocationView, type TokenHandles } from './revocation-view.js';

const HOUR = 3_600_000;
const HORIZON = HOUR + 600_000;
const START = 1_800_000_000_000;

function world(sources: readonly SourceName[] = ['session', 'token', 'auth']) {
  const clock = { m: 1_000, w: START, monotonic: () => clock.m, wall: () => clock.w };
  const view = new RevocationView({ sources, horizonMs: HORIZON, boundMs: 2_000, clock });
  const pass = (ms: number) => {
    clock.m += ms;
    clock.w += ms;
  };
  const prove = (
    source: SourceName,
    over: Partial<{ dbTime: number; unpassedSince: number; sentMonotonic: number; sentWall: number }> = {},
  ) => view.applyProof(source, { sentMonotonic: clock.m, sentWall: clock.w, dbTime: clock.w, unpassedSince: clock.w, ...over });
  const proveAll = () => sources.forEach((source) => void prove(source));
  return { clock, view, pass, prove, proveAll };
}

const token = (over: Partial<TokenHandles> = {}): TokenHandles => ({
  jti: 'j',
  sid: 's',
  gid: 'g',
  sub: 'u',
  client_id: 'c',
  gen: [1, 1],
  ...over,
});
const ended = (kind: 'session' | 'grant' | 'token', id: string, at = START): RevocationEntry => ({ kind, id, at });

describe('what the view refuses', () => {
  it.each([
    ['session', 's'],
    ['grant', 'g'],
    ['token', 'j'],
  ] as const)('a token whose %s is in the set, and no other', (kind, id) => {
    const { view } = world();
    expect(view.isRevoked(token())).toBe(false);
    view.apply([ended(kind, id)]);
    expect(view.isRevoked(token())).toBe(true);
    expect(view.isRevoked(token({ sid: 'x', gid: 'x', jti: 'x' }))).toBe(false);
  });

  it('nothing of an offline token by the end of a session: it carries no sid', () => {
    const { view } = world();
    view.apply([ended('session', 's')]);
    expect(view.isRevoked(token({ sid: undefined }))).toBe(false);
  });

  it('keeps kinds apart: a session id that equals a grant id hits only the session', () => {
    const { view } = world();
    view.apply([ended('session', 'g')]);
    expect(view.isRevoked(token())).toBe(false);
  });

  it('every lower generation and nothing issued later, whatever order the entries come in', () => {
    const { view } = world();
    view.apply([
      { kind: 'subject', id: 'u', gen: 3, at: START + 5 },
      { kind: 'subject', id: 'u', gen: 2, at: START },
    ]);
    view.apply([{ kind: 'client', id: 'c', gen: 2, at: START }]);
    expect([1, 2, 3, 4].map((gen) => view.refusesSubject('u', gen))).toEqual([true, true, false, false]);
    expect([1, 2].map((gen) => view.refusesClient('c', gen))).toEqual([true, false]);
    expect(view.isRevoked(token({ gen: [3, 2] }))).toBe(false);
    expect(view.isRevoked(token({ gen: [2, 2] }))).toBe(true);
    expect(view.isRevoked(token({ gen: [3, 1] }))).toBe(true);
  });

  it('answers with what was news, so that a repeated hint tells nobody twice', () => {
    const { view } = world();
    expect(view.apply([ended('session', 's')])).toHaveLength(1);
    expect(view.apply([ended('session', 's')])).toHaveLength(0);
    expect(view.size).toBe(1);
  });
});

describe('freshness', () => {
  it('needs a proof of every source', () => {
    const { view, prove } = world();
    expect(view.freshness()).toMatchObject({ fresh: false, reason: 'no proof yet' });
    prove('session');
    prove('token');
    expect(view.freshness()).toMatchObject({ fresh: false, source: 'auth' });
    prove('auth');
    expect(view.freshness()).toEqual({ fresh: true });
  });

  it('ends 100 ms before the bound, counted from the send of the proof', () => {
    const { view, pass, proveAll } = world();
    proveAll();
    pass(1_900);
    expect(view.freshness()).toEqual({ fresh: true });
    pass(1);
    expect(view.freshness()).toMatchObject({ fresh: false, ageMs: 1_901 });
  });

  it('ends when only the wall clock moved: the machine slept and its monotonic clock stood still', () => {
    const { view, clock, proveAll } = world();
    proveAll();
    clock.w += 5_000;
    expect(view.freshness()).toMatchObject({ fresh: false });
  });

  it('ends when only the monotonic clock moved: the wall clock was set back', () => {
    const { view, clock, proveAll } = world();
    proveAll();
    clock.m += 5_000;
    clock.w -= 60_000;
    expect(view.freshness()).toMatchObject({ fresh: false });
  });

  it('is taken from one stale source by the other two being fresh', () => {
    const { view, pass, prove, proveAll } = world();
    proveAll();
    pass(1_950);
    prove('session');
    prove('auth');
    expect(view.freshness()).toMatchObject({ fresh: false, source: 'token' });
  });

  it('stops at a gap and returns only with a proof that was sent after it; the set stays', () => {
    const { view, clock, pass, prove, proveAll } = world();
    view.apply([ended('session', 's')]);
    proveAll();
    const before = clock.m;
    pass(10);
    view.gap('token', 'number 7 is missing');
    expect(view.freshness()).toMatchObject({ fresh: false, source: 'token', reason: 'gap: number 7 is missing' });
    prove('token', { sentMonotonic: before });
    expect(view.freshness().fresh).toBe(false);
    pass(1);
    prove('token');
    expect(view.freshness()).toEqual({ fresh: true });
    expect(view.isRevoked(token())).toBe(true);
  });

  it('is not made older by a proof that comes late', () => {
    const { view, clock, pass, prove, proveAll } = world();
    const early = clock.m;
    pass(1_000);
    proveAll();
    prove('session', { sentMonotonic: early });
    pass(1_500);
    expect(view.freshness()).toEqual({ fresh: true });
  });
});

describe('ownerNow', () => {
  it('is unknown before the first proof, then the session source’s clock and monotonic time since', () => {
    const { view, clock, pass, prove } = world();
    prove('auth');
    expect(view.ownerNow()).toBeNull();
    prove('session', { dbTime: START + 77 });
    clock.w += 9_999_999;
    expect(view.ownerNow()).toBe(START + 77);
    pass(40);
    expect(view.ownerNow()).toBe(START + 117);
  });

  it('never goes back, also when the database clock does', () => {
    const { view, pass, prove } = world();
    prove('session', { dbTime: START + HOUR });
    pass(100);
    expect(view.ownerNow()).toBe(START + HOUR + 100);
    prove('session', { dbTime: START });
    expect(view.ownerNow()).toBe(START + HOUR + 100);
    pass(HOUR + 200);
    expect(view.ownerNow()).toBe(START + HOUR + 200);
  });
});

describe('a process that was stopped between asking for the time and hearing it', () => {
  it('does not take the stop for a lead of the owner’s clock, and knows the time from the next proof', () => {
    const { view, clock, pass, prove } = world();
    prove('session', { dbTime: START });
    const sentMonotonic = clock.m;
    const sentWall = clock.w;
    pass(HOUR);
    prove('session', { dbTime: START + HOUR, sentMonotonic, sentWall });
    expect(view.ownerNow()).toBe(START + HOUR);
    prove('session', { dbTime: START + HOUR });
    pass(10);
    expect(view.ownerNow()).toBe(START + HOUR + 10);
  });

  it('knows no time at all when that was its first proof', () => {
    const { view, clock, pass, prove } = world();
    const sentMonotonic = clock.m;
    const sentWall = clock.w;
    pass(HOUR);
    prove('session', { dbTime: START + HOUR, sentMonotonic, sentWall });
    expect(view.ownerNow()).toBeNull();
  });
});

describe('expiry of entries', () => {
  it('keeps an entry for the whole horizon and drops it at most half a horizon later', () => {
    const { view, pass, proveAll } = world();
    view.apply([ended('session', 's'), ended('grant', 'g'), ended('token', 'j')]);
    pass(HORIZON);
    proveAll();
    expect(view.size).toBe(3);
    pass(HORIZON / 2 + 1);
    proveAll();
    expect(view.size).toBe(0);
  });

  it('is judged by ownerNow, not by the local wall clock', () => {
    const { view, clock, proveAll, prove } = world();
    view.apply([ended('session', 's')]);
    clock.w += 2 * HORIZON;
    prove('session', { dbTime: START });
    expect(view.size).toBe(1);
    proveAll();
    expect(view.size).toBe(0);
  });

  it('keeps a later mention of the same id for its own horizon', () => {
    const { view, pass, proveAll } = world();
    view.apply([ended('session', 's'), ended('session', 's', START + HOUR)]);
    pass(HORIZON + HOUR);
    proveAll();
    expect(view.isRevoked(token())).toBe(true);
    pass(HORIZON / 2 + 1);
    proveAll();
    expect(view.isRevoked(token())).toBe(false);
  });

  it('keeps generations of subjects and clients until every group reader has passed them', () => {
    const { view, pass, proveAll, prove } = world();
    view.apply([{ kind: 'subject', id: 'u', gen: 2, at: START }, { kind: 'client', id: 'c', gen: 2, at: START }, ended('session', 's')]);
    pass(1.5 * HORIZON + 1);
    prove('auth', { unpassedSince: START });
    prove('session');
    expect(view.size).toBe(2);
    expect(view.refusesSubject('u', 1)).toBe(true);
    pass(1);
    proveAll();
    expect(view.size).toBe(0);
  });
});
