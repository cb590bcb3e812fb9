import type { End, Step } from '../../scripts/chaos/history.js';
import { judge } from '../../scripts/chaos/judge.js';
import { END_KINDS, lateTokensOf, TOKENLESS } from '../../scripts/chaos/late-tokens.js';
import { alive, BOUND_MS, check, end, ended, fault, HEALED_AT, history, mint, notice, refusedEverywhere, start } from './forged-history.js';

const kinds = (...steps: Step[]) => judge(history(...steps)).map(({ kind }) => kind);
const ACKNOWLEDGED_AT = 1_010;
const BOUND = ACKNOWLEDGED_AT + BOUND_MS;

describe('the judge of a history', () => {
  it('finds nothing in one where all is well', () => {
    expect(kinds(...ended, ...alive)).toEqual([]);
  });

  describe('of checks', () => {
    it('accepts an active answer to a request sent within the bound, however late it was read', () => {
      expect(kinds(...ended, check(BOUND, 'active', { completedAt: 90_000 }))).toEqual([]);
    });

    it('finds one to a request sent after the bound, at an instance as at userinfo', () => {
      expect(kinds(...ended, check(BOUND + 1, 'active'))).toEqual(['active after the bound']);
      expect(kinds(...ended, check(BOUND + 1, 'active', { at: 'userinfo' }))).toEqual(['active after the bound']);
    });

    it('finds one sent after a confirmed acknowledgement, though within the bound', () => {
      const confirmed = ended.map((step) => (step.kind === 'end' ? { ...step, confirmed: true } : step));
      expect(kinds(...confirmed, check(ACKNOWLEDGED_AT, 'active'))).toEqual([]);
      expect(kinds(...confirmed, check(ACKNOWLEDGED_AT + 1, 'active'))).toEqual(['active after a confirmed end']);
    });

    it('finds a refusal of a session that nobody had tried to end', () => {
      expect(kinds(...alive, check(30, 'inactive', { sid: 'l', token: 2 }))).toEqual(['refused though not ended']);
      expect(kinds(...ended, check(980, 'inactive'))).toEqual(['refused though not ended']);
      expect(kinds(...ended, check(991, 'inactive'))).toEqual([]);
    });

    it('accepts a 503 and no answer at all, and nothing else', () => {
      expect(kinds(...ended, check(500, 'unavailable', { status: 503 }), check(BOUND + 5, 'unknown', { status: null }))).toEqual([]);
      expect(kinds(...ended, check(500, 'undeclared', { status: 500 }))).toEqual(['an answer that no endpoint may give']);
    });

    it('finds an active answer of an instance that could not have known, once the bound has passed', () => {
      const asked = (invokedAt: number) => [...alive, fault(), check(invokedAt, 'active', { sid: 'l', token: 2 })];
      expect(kinds(...asked(100 + BOUND_MS))).toEqual([]);
      expect(kinds(...asked(101 + BOUND_MS))).toEqual(['active though it could not be checked']);
      expect(kinds(...asked(8_995))).toEqual([]);
      expect(kinds(...alive, fault(), check(5_000, 'active', { sid: 'l', token: 2, at: 'introspect-2' }))).toEqual([]);
    });
  });

  describe('of token requests', () => {
    /** The history with an end of another kind. */
    const as = (how: Partial<End>) => ended.map((step): Step => (step.kind === 'end' ? { ...step, ...how } : step));

    it('finds one sent after the acknowledgement that got a token', () => {
      const late = mint(ACKNOWLEDGED_AT + 1, { by: 'refresh', token: 4 });
      expect(kinds(...ended, late, ...refusedEverywhere(4))).toEqual(['a token for a request sent after the end']);
    });

    it('gives an end that was only accepted the bound, and the token is refused after it like any other', () => {
      const late = (ms: number) => mint(ACKNOWLEDGED_AT + ms, { by: 'refresh', token: 4 });
      const accepted = as({ by: 'user', outcome: 'accepted', status: 202 });
      expect(kinds(...accepted, late(1), ...refusedEverywhere(4))).toEqual([]);
      expect(kinds(...accepted, late(1))).toEqual(['not shown to be refused after the bound']);
      const found = ['a token for a request sent after the end'];
      expect(kinds(...accepted, late(BOUND_MS + 1), ...refusedEverywhere(4))).toEqual(found);
      expect(kinds(...as({ by: 'user' }), late(1), ...refusedEverywhere(4))).toEqual(found);
    });

    /** From the strongest promise to the weakest, and how long after the answer the request was sent. */
    const KINDS: readonly (readonly [Partial<End>, number])[] = [
      [{ by: 'operator', confirmed: true }, 1],
      [{ by: 'logout', confirmed: false }, 1],
      [{ by: 'user', confirmed: true }, 1],
      [{ by: 'user', confirmed: false }, 1],
      [{ by: 'user', outcome: 'accepted' }, BOUND_MS + 1],
      [{ by: 'user', outcome: 'accepted' }, BOUND_MS],
    ];

    it('counts the tokens given after an end by the strongest promise that was read before the request', () => {
      const counted = KINDS.map(([how, sentAfter]) => {
        const mints = [mint(ACKNOWLEDGED_AT + sentAfter, { by: 'refresh', token: 4 }), mint(ACKNOWLEDGED_AT, { by: 'refresh', token: 5 })];
        return Object.values(lateTokensOf(mints, [end(how), end({ outcome: 'unknown' })], BOUND_MS)).indexOf(1);
      });
      expect(counted).toEqual(END_KINDS.map((_, at) => at));
      const both = [end({ by: 'user' }), end({ outcome: 'already', confirmed: true })];
      expect(lateTokensOf([mint(ACKNOWLEDGED_AT + 1)], both, BOUND_MS)['the confirmed end of one session']).toBe(1);
    });

    it('holds every kind of end but the last to it', () => {
      const found = KINDS.map(([how, ms]) =>
        kinds(...as(how), mint(ACKNOWLEDGED_AT + ms, { by: 'refresh', token: 4 }), ...refusedEverywhere(4)),
      );
      expect(found.map((each) => each.length)).toEqual([...TOKENLESS.map(() => 1), 0]);
    });

    it('accepts a token of one that overlapped the end, if it is refused after the bound like any other', () => {
      const overlapping = mint(1_005, { by: 'refresh', token: 4, completedAt: 1_200 });
      expect(kinds(...ended, overlapping, check(1_300, 'active', { token: 4 }), ...refusedEverywhere(4))).toEqual([]);
      expect(kinds(...ended, overlapping, ...refusedEverywhere(4), check(BOUND + 1, 'active', { token: 4 }))).toEqual([
        'active after the bound',
      ]);
      expect(kinds(...ended, overlapping)).toEqual(['not shown to be refused after the bound']);
    });

    it('finds an invalid_grant for a session that nobody had tried to end', () => {
      const refused = mint(500, { by: 'refresh', outcome: 'refused', token: null, status: 400 });
      expect(kinds(...ended, refused)).toEqual(['refused though not ended']);
      expect(kinds(...ended, { ...refused, completedAt: 1_001 })).toEqual([]);
    });

    it('finds an answer that is neither tokens, nor invalid_grant, nor a 503', () => {
      expect(kinds(...ended, mint(500, { outcome: 'undeclared', token: null, status: 401 }))).toEqual([
        'an answer that no endpoint may give',
      ]);
    });
  });

  describe('of ends whose acknowledgement was lost', () => {
    const lost = (outcome: 'unknown' | 'unavailable'): Step[] => [start(), mint(20), end({ outcome, status: null, completedAt: 1_500 })];

    it('counts them neither as ended nor as alive: both answers are accepted from then on', () => {
      for (const outcome of ['unknown', 'unavailable'] as const) {
        const steps = lost(outcome);
        expect(kinds(...steps, check(9_000, 'active'), check(9_100, 'inactive'), mint(9_200, { by: 'refresh', token: 4 }))).toEqual([]);
        expect(kinds(...steps)).toEqual([]);
        expect(kinds(...steps, notice())).toEqual([]);
      }
    });

    it('finds one that was asked for again when everything had healed, and that nobody was told of', () => {
      const again = end({ outcome: 'unavailable', status: 503, invokedAt: HEALED_AT + 10, completedAt: HEALED_AT + 20 });
      expect(kinds(...lost('unknown'), again)).toEqual(['an end that was never acknowledged']);
      const told = end({ outcome: 'already', invokedAt: HEALED_AT + 30, completedAt: HEALED_AT + 40 });
      expect(kinds(...lost('unknown'), again, told)).not.toContain('an end that was never acknowledged');
    });

    it('takes the second acknowledgement, also "it had ended", for the end', () => {
      const again = end({ outcome: 'already', invokedAt: 2_000, completedAt: ACKNOWLEDGED_AT + 1_000 });
      const steps = [
        ...lost('unknown'),
        again,
        notice(),
        ...['introspect-1', 'introspect-2'].map((at) => check(9_000, 'inactive', { at })),
      ];
      expect(kinds(...steps)).toEqual([]);
      expect(kinds(...steps, check(BOUND + 1_001, 'active'))).toEqual(['active after the bound']);
    });

    it('finds "it had ended" where nobody had tried', () => {
      const ends = ended.map((step): Step => (step.kind === 'end' ? { ...step, outcome: 'already' } : step));
      expect(kinds(...ends)).toEqual(['refused though not ended']);
    });
  });

  describe('of logout tokens', () => {
    const untold = ended.filter(({ kind }) => kind !== 'notice');

    it('finds one that came nowhere, was refused by its receiver only, or came to another client', () => {
      expect(kinds(...untold)).toEqual(['a logout token lost']);
      expect(kinds(...untold, notice({ answered: 503 }), notice({ answered: 400 }))).toEqual(['a logout token lost']);
      expect(kinds(...untold, notice({ client: 'book' }))).toEqual(['a logout token lost']);
    });

    it('accepts one that is listed as dead, and one that came twice', () => {
      expect(kinds(...untold, notice({ answered: 400 }), { kind: 'dead', sid: 's', client: 'shop' })).toEqual([]);
      expect(kinds(...ended, notice({ at: 2_000 }))).toEqual([]);
    });

    it('owes none to a client whose exchange overlapped the end', () => {
      const joining = mint(999, { client: 'book', grant: 3, token: 4, completedAt: 1_005 });
      expect(kinds(...ended, joining, ...refusedEverywhere(4))).toEqual([]);
    });

    it('finds one for a session that nobody had tried to end', () => {
      expect(kinds(...alive, notice({ sid: 'l' }))).toEqual(['a logout token for a session that nobody ended']);
      expect(kinds(...ended, notice({ at: 999 }))).toEqual(['a logout token for a session that nobody ended']);
    });
  });

  describe('of a history that could not have shown a violation', () => {
    it('names each token that was not seen refused after the bound by every instance', () => {
      const once = ended.filter((step) => step.kind !== 'check' || step.at !== 'introspect-2');
      expect(judge(history(...once))).toEqual([
        { kind: 'not shown to be refused after the bound', sid: 's', what: 'token 1 at introspect-2' },
      ]);
      const early = ended.map((step): Step => (step.kind === 'check' && step.invokedAt > BOUND ? { ...step, invokedAt: BOUND } : step));
      expect(kinds(...early)).toEqual(['not shown to be refused after the bound']);
    });

    it('names each grant that was not refreshed, and its token not seen active, when all was whole again', () => {
      const [born, minted, refreshed, asked] = alive as [Step, Step, Step, Step];
      expect(kinds(born, minted)).toEqual(['not shown to live after healing']);
      expect(kinds(born, minted, refreshed)).toEqual(['not shown to live after healing']);
      expect(kinds(born, minted, asked)).toEqual(['not shown to live after healing']);
      expect(kinds(born, minted, { ...refreshed, invokedAt: 49_000 } as Step, asked)).toEqual(['not shown to live after healing']);
    });
  });

  it('judges all sessions that one end named', () => {
    const both = [start({ sid: 'a' }), start({ sid: 'b' }), end({ by: 'user', sids: ['a', 'b'] })];
    const active = (sid: string) => check(BOUND + 1, 'active', { sid });
    expect(judge(history(...both, active('a'), active('b'))).map(({ kind, sid }) => [kind, sid])).toEqual([
      ['active after the bound', 'a'],
      ['active after the bound', 'b'],
    ]);
  });
});
