import type { Asked, Broken, End, Held, History } from './answers-history.js';
import { only } from './answers-history.js';
import { judge } from './judge-answers.js';

const BOUND_MS = 2_000;
const HEALED_AT = 50_000;
/** The end of session s is sent at 1,000 and acknowledged at 1,010. */
const ACKNOWLEDGED_AT = 1_010;
const BOUND = ACKNOWLEDGED_AT + BOUND_MS;
const AT = ['photos', 'prints'];

const held = (rest: Partial<Held> = {}): Held => ({ token: 1, sid: 's', at: AT, ...rest });
const asked = (begunAt: number, outcome: Asked['outcome'], rest: Partial<Asked> = {}): Asked => ({
  ...{ at: 'photos', token: 1, sid: 's', begunAt, answeredAt: begunAt + 5, outcome },
  ...rest,
});
const end = (rest: Partial<End> = {}): End => ({ sid: 's', calledAt: 1_000, acknowledgedAt: ACKNOWLEDGED_AT, ...rest });
const broken = (rest: Partial<Broken> = {}): Broken => ({ what: 'Postgres killed', from: 100, to: 9_000, blind: ['photos'], ...rest });
const everywhere = (begunAt: number, outcome: Asked['outcome'], rest: Partial<Asked> = {}) =>
  AT.map((at) => asked(begunAt, outcome, { at, ...rest }));

/** Token 1 of a session that ended: accepted before, refused after. Token 2 of one that lives on: accepted when all was whole again. */
const GOOD: History = {
  ...{ boundMs: BOUND_MS, healedAt: HEALED_AT, held: [held(), held({ token: 2, sid: 'l' })], ends: [end()], broken: [] },
  asked: [
    ...everywhere(500, 'accepted'),
    ...everywhere(BOUND + 1, 'refused'),
    ...everywhere(HEALED_AT + 1, 'accepted', { token: 2, sid: 'l' }),
  ],
};
const withMore = (...more: Asked[]): History => ({ ...GOOD, asked: [...GOOD.asked, ...more] });
const kinds = (history: History) => judge(history).map(({ kind }) => kind);

describe('the judge of what resource servers answered', () => {
  it('finds nothing in a history where all is well', () => {
    expect(kinds(GOOD)).toEqual([]);
  });

  it('accepts an acceptance of a call that was begun within the bound, however late it was answered', () => {
    expect(kinds(withMore(asked(BOUND, 'accepted', { answeredAt: 40_000 })))).toEqual([]);
  });

  it('finds one of a call that was begun after the bound, and says how long after', () => {
    expect(judge(withMore(asked(BOUND + 1, 'accepted', { at: 'prints' })))).toEqual([
      { kind: 'accepted after the bound', at: 'prints', what: 'token 1, begun 2001 ms after the acknowledgement' },
    ]);
  });

  it('finds a refusal before anybody had tried to end the session, and none of later', () => {
    expect(kinds(withMore(asked(900, 'refused')))).toEqual(['refused though not ended']);
    expect(kinds(withMore(asked(40_000, 'refused', { token: 2, sid: 'l' })))).toEqual(['refused though not ended']);
    expect(kinds(withMore(asked(900, 'refused', { answeredAt: 1_001 })))).toEqual([]);
  });

  it('accepts a 503 at any time, and nothing else', () => {
    expect(kinds(withMore(...everywhere(900, 'unavailable'), ...everywhere(40_000, 'unavailable')))).toEqual([]);
    expect(kinds(withMore(asked(900, 'undeclared')))).toEqual(['neither accepted, nor 401, nor 503']);
  });

  describe('of an API that nobody could tell of an end', () => {
    const unsure = (outcome: Asked['outcome'], begunAt: number, rest: Partial<Asked> = {}): History => ({
      ...withMore(asked(5_000, 'unavailable'), asked(begunAt, outcome, { token: 2, sid: 'l', ...rest })),
      broken: [broken()],
    });

    it('finds an acceptance, once the bound has passed', () => {
      expect(kinds(unsure('accepted', 100 + BOUND_MS))).toEqual([]);
      expect(kinds(unsure('accepted', 101 + BOUND_MS))).toEqual(['accepted though it could not be checked']);
    });

    it('accepts one that may have been answered when all was whole again, and those of APIs that saw', () => {
      expect(kinds(unsure('accepted', 8_990, { answeredAt: 9_000 }))).toEqual([]);
      expect(kinds(unsure('accepted', 5_000, { at: 'prints' }))).toEqual([]);
    });

    it('finds that nobody asked meanwhile, or that it said something else than 503', () => {
      const found = ['nobody asked while it could not be checked'];
      expect(kinds({ ...GOOD, broken: [broken()] })).toEqual(found);
      expect(kinds({ ...withMore(asked(101, 'unavailable'), asked(9_001, 'unavailable')), broken: [broken()] })).toEqual(found);
      expect(kinds({ ...withMore(asked(5_000, 'refused')), broken: [broken()] })).toEqual(found);
    });
  });

  describe('of an end whose acknowledgement was never read', () => {
    const lost: History = { ...GOOD, ends: [end({ acknowledgedAt: null })] };

    it('accepts both answers from then on', () => {
      expect(kinds({ ...lost, asked: [...lost.asked, asked(40_000, 'accepted'), asked(40_001, 'refused')] })).toEqual([]);
    });

    it('counts from the first acknowledgement of a later attempt', () => {
      const again = { ...lost, ends: [...lost.ends, end({ calledAt: 20_000, acknowledgedAt: 20_010 })] };
      const late = { ...again, asked: [...again.asked, ...everywhere(22_011, 'refused')] };
      expect(kinds(late)).toEqual([]);
      expect(kinds({ ...late, asked: [...late.asked, asked(22_010, 'accepted')] })).toEqual([]);
      expect(kinds({ ...late, asked: [...late.asked, asked(22_011, 'accepted')] })).toEqual(['accepted after the bound']);
    });
  });

  describe('does not accept a history that could not have shown a violation', () => {
    const without = (begunAt: number): History => ({ ...GOOD, asked: GOOD.asked.filter((one) => one.begunAt !== begunAt) });

    it('as a token was never accepted before its end', () => {
      expect(kinds(without(500))).toEqual(AT.map(() => 'never accepted before its end'));
      expect(kinds({ ...without(500), asked: [...without(500).asked, ...everywhere(999, 'accepted')] })).toEqual(
        AT.map(() => 'never accepted before its end'),
      );
    });

    it('as a token was not asked about after the bound', () => {
      const found = AT.map(() => 'not shown to be refused after the bound');
      expect(kinds(without(BOUND + 1))).toEqual(found);
      expect(kinds({ ...without(BOUND + 1), asked: [...without(BOUND + 1).asked, ...everywhere(BOUND, 'refused')] })).toEqual(found);
    });

    it('as a token that lives was refused for good, or not shown again after it', () => {
      const found = AT.map(() => 'not shown to be accepted when all was whole again');
      expect(kinds(without(HEALED_AT + 1))).toEqual(found);
      const early = everywhere(HEALED_AT, 'accepted', { token: 2, sid: 'l' });
      expect(kinds({ ...without(HEALED_AT + 1), asked: [...without(HEALED_AT + 1).asked, ...early] })).toEqual(found);
    });
  });

  it('judges the APIs that are meant alone', () => {
    const bad = { ...withMore(asked(BOUND + 1, 'accepted')), broken: [broken()] };
    expect(kinds(only(bad, (at) => at === 'prints'))).toEqual([]);
    expect(kinds(only(bad, (at) => at === 'photos'))).toEqual([
      'accepted after the bound',
      'accepted though it could not be checked',
      'nobody asked while it could not be checked',
    ]);
  });
});
