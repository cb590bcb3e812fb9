import { packed } from '#libs/revocation';
import { RevocationCopy } from './revocation-copy.js';

const DB = 1_800_000_000_000;
const OPEN = { resumed: false, horizon_ms: 4_200_000 };

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
    expect(copy.answered(probe, sources(8))).toBe(true);
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
    expect(copy.answered(copy.probe(), sources(10))).toBe(false);
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
    for (const handles of [{ sid: 's' }, { gid: 'g' }, { jti: 't' }, { kid: 'k' }]) expect(copy.hasEnded(handles)).toBe(true);
    expect(copy.hasEnded({ sid: 'g', gid: 's', jti: 'k', kid: 't' })).toBe(false);
    copy.addRaised('subject', [[Buffer.from(packed(['u'])).toString('base64'), 3, DB]]);
    expect(copy.raise('subject', 'u')).toEqual({ gen: 3, at: DB });
    expect(copy.raise('client', 'u')).toBeUndefined();
  });

  it('goes on with what it has after a reconnect, and can not when the horizon is another', () => {
    const { copy } = world();
    copy.addEnded('session', DB, packed(['s']));
    expect(copy.opened({ resumed: true, horizon_ms: 4_200_000 })).toBe(true);
    expect(copy.hasEnded({ sid: 's' })).toBe(true);
    expect(copy.opened({ resumed: true, horizon_ms: 1_000_000 })).toBe(false);
    expect(copy.freshness().fresh).toBe(false);
    expect(copy.opened({ resumed: false, horizon_ms: 1_000_000 })).toBe(true);
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
