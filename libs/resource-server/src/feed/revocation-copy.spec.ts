import { packed } from '#libs/revocation';
import { printsOf } from '../handles.js';
import { printOf } from '../known-token.js';
import { RevocationCopy } from './revocation-copy.js';

const DB = 1_800_000_000_000;
const OPEN = { resumed: false, horizon_ms: 4_200_000, bound_ms: 2_000 };

function world() {
  const clock = { m: 1_000, w: 50_000, monotonic: () => clock.m, wall: () => clock.w };
  const copy = new RevocationCopy(2_000, clock);
  const pass = (ms: number) => {
    clock.m += ms;
    clock.w += ms;
  };
  const sources = (ticket: number, epoch = 'e') => {
    const of = { epoch, ticket, db_time: DB + clock.m };
    return { session: of, token: of, auth: of };
  };
  const shown = (ticket: number, epoch?: string) => copy.shown({ sources: sources(ticket, epoch), unpassed_since: DB });
  copy.opened(OPEN);
  return { clock, copy, pass, sources, shown };
}

describe('a copy of the revocation view', () => {
  it('is fresh once its stream shows what a probe of its own was answered with, and no sooner', () => {
    const { copy, shown, sources } = world();
    shown(5);
    expect(copy.freshness().fresh).toBe(false);
    const probe = copy.probe();
    shown(6);
    copy.answered(probe, sources(8));
    expect(copy.freshness().fresh).toBe(false);
    shown(7);
    expect(copy.freshness().fresh).toBe(false);
    shown(8);
    expect(copy.freshness().fresh).toBe(true);
  });

  it('is as old as the probe, however late the answer and the stream came', () => {
    const { copy, shown, sources, pass } = world();
    const probe = copy.probe();
    pass(1_500);
    copy.answered(probe, sources(8));
    shown(8);
    expect(copy.freshness().fresh).toBe(true);
    pass(401);
    expect(copy.freshness().fresh).toBe(false);
  });

  it('is not fresh by a stream that was played back: its tickets are old', () => {
    const { copy, shown, sources, pass } = world();
    for (let n = 0; n < 20; n++) {
      pass(500);
      const probe = copy.probe();
      copy.answered(probe, sources(100 + n));
      shown(n);
      expect(copy.freshness().fresh).toBe(false);
    }
  });

  it('does not compare tickets of two epochs', () => {
    const { copy, shown, sources } = world();
    const probe = copy.probe();
    shown(1_000, 'before the restart');
    copy.answered(probe, sources(3, 'after it'));
    expect(copy.freshness().fresh).toBe(false);
    shown(4, 'after it');
    expect(copy.freshness().fresh).toBe(true);
  });

  it('says so when the log went back', () => {
    const { copy, shown, sources } = world();
    shown(10);
    const probe = copy.probe();
    expect(() => copy.answered(probe, sources(10))).toThrow('went back');
  });

  it('is not fresh after a sleep in which only the wall clock went on', () => {
    const { copy, shown, sources, clock } = world();
    copy.answered(copy.probe(), sources(8));
    shown(8);
    clock.w += 60_000;
    expect(copy.freshness().fresh).toBe(false);
  });

  it('knows what ended by every handle, before it is fresh, too', () => {
    const { copy } = world();
    for (const [kind, id] of [
      ['session', 's'],
      ['grant', 'g'],
      ['token', 't'],
      ['key', 'k'],
    ] as const)
      copy.addEnded(kind, DB, packed([id]));
    for (const handles of [{ sid: 's' }, { gid: 'g' }, { jti: 't' }, { kid: 'k' }]) expect(copy.hasEnded(printsOf(handles))).toBe(true);
    expect(copy.hasEnded(printsOf({ sid: 'g', gid: 's', jti: 'k', kid: 't' }))).toBe(false);
    copy.addRaised('subject', [[printOf('u'), 3, DB]]);
    expect(copy.raise('subject', printOf('u'))).toMatchObject({ gen: 3, at: DB, change: 1 });
    expect(copy.raise('client', printOf('u'))).toBeUndefined();
  });

  it('has nothing against what a token does not have, however full it is', () => {
    const { copy } = world();
    for (let n = 0; n < 5_000; n++) {
      for (const kind of ['session', 'grant', 'token', 'key']) copy.addEnded(kind, DB, packed([`${kind}-${n}`]));
      expect([copy.hasEnded(printsOf({})), copy.hasEnded(printsOf({ jti: 'x' }))]).toEqual([false, false]);
      expect(copy.hasEnded(printsOf({ jti: `token-${n}` }))).toBe(true);
    }
  });

  it('tells what is news about a user from what it has heard', () => {
    const { copy, pass } = world();
    const raise = (gen: number, at: number) => {
      pass(1_000);
      copy.addRaised('subject', [[printOf('u'), gen, at]]);
      return copy.raise('subject', printOf('u'));
    };
    expect(raise(3, DB)).toMatchObject({ gen: 3, change: 1, heard: 2_000 });
    expect(raise(3, DB)).toMatchObject({ gen: 3, change: 1, heard: 2_000 });
    expect(raise(2, DB + 5)).toMatchObject({ gen: 3, at: DB + 5, change: 2, heard: 4_000 });
    expect(raise(4, DB)).toMatchObject({ gen: 4, at: DB + 5, change: 3, heard: 5_000 });
  });

  it('goes on with what it has after a reconnect, and can not when the horizon is another', () => {
    const { copy } = world();
    copy.addEnded('session', DB, packed(['s']));
    copy.opened({ ...OPEN, resumed: true });
    expect(copy.hasEnded(printsOf({ sid: 's' }))).toBe(true);
    expect(() => copy.opened({ ...OPEN, resumed: true, horizon_ms: 1_000_000 })).toThrow('horizon');
    copy.opened({ ...OPEN, horizon_ms: 1_000_000 });
    expect(copy.size).toBe(0);
    expect(copy.freshness().fresh).toBe(false);
  });

  it('holds no more than it may, whatever it is told', () => {
    const clock = { monotonic: () => 0, wall: () => 0 };
    const copy = new RevocationCopy(2_000, clock, { entries: 10, generations: 5, slots: 3 });
    copy.opened(OPEN);
    copy.addEnded('session', DB, packed(Array.from({ length: 10 }, (_, n) => `s-${n}`)));
    expect(() => copy.addEnded('grant', DB, packed(['one more']))).toThrow('more than 10');
    expect(() =>
      copy.addRaised(
        'subject',
        Array.from({ length: 6 }, (_, n) => [printOf(`u-${n}`), 1, DB] as const),
      ),
    ).toThrow('more than 5 generations');
    for (const time of [DB + 10_000_000, DB + 20_000_000]) copy.addEnded('key', time, new Uint8Array());
    expect(() => copy.addEnded('key', DB + 30_000_000, new Uint8Array())).toThrow('too many times');
    copy.distrust('all of that');
    expect(copy.size).toBe(0);
    copy.addEnded('grant', DB, packed(['one more']));
    expect(copy.size).toBe(1);
  });

  it('lets go of what nobody can need', () => {
    const { copy, shown, sources, pass } = world();
    copy.addEnded('session', DB, packed(['s']));
    pass(1.5 * 4_200_000 + 1_000);
    copy.answered(copy.probe(), sources(8));
    shown(8);
    shown(9);
    expect(copy.size).toBe(0);
  });
});
