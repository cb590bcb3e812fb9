import { type Asked, type End, judge, percentile } from './ends-history.js';

const PROMISED = { boundMs: 2_000, confirmedWithinMs: 150 };
const at = (sentAt: number, answeredAt: number, active: boolean | null): Asked => ({ sentAt, answeredAt, active });
/** Called at 1,000, acknowledged at 1,010. */
const end = (asked: Asked[], rest: Partial<End> = {}): End => ({
  sid: 's1',
  calledAt: 1_000,
  acknowledgedAt: 1_010,
  confirmed: true,
  asked: [at(990, 995, true), ...asked, at(1_020, 1_025, false)],
  ...rest,
});
const kinds = (...history: End[]) => judge(history, PROMISED).violations.map(({ kind }) => kind);

describe('the judge of a history of ends', () => {
  it('finds nothing in a good one', () => {
    expect(kinds(end([]), end([], { confirmed: false }))).toEqual([]);
  });

  it('accepts an active answer to a request sent before the acknowledgement was read', () => {
    expect(kinds(end([at(1_009, 1_030, true)]), end([at(1_010, 1_011, true)]))).toEqual([]);
  });

  it('finds one active answer to a request sent after a confirmed acknowledgement', () => {
    const { violations } = judge([end([]), end([at(1_011, 1_012, true)], { sid: 's2' })], PROMISED);
    expect(violations).toEqual([{ sid: 's2', afterMs: 1, kind: 'sent after a confirmed acknowledgement' }]);
  });

  it('accepts active within the bound after an acknowledgement that was not confirmed, and nothing later', () => {
    expect(kinds(end([at(3_000, 3_010, true)], { confirmed: false }))).toEqual([]);
    expect(kinds(end([at(3_000, 3_011, true)], { confirmed: false }))).toEqual(['answered later than the bound']);
  });

  it('finds an old request that was answered active after the bound', () => {
    expect(kinds(end([at(1_005, 3_011, true)]))).toEqual(['answered later than the bound']);
  });

  it('does not accept a history that could not have shown a violation', () => {
    expect(kinds(end([], { asked: [at(990, 995, true), at(1_005, 1_020, false)] }))).toEqual(['not asked after']);
    expect(kinds(end([], { asked: [at(990, 995, true), at(1_020, 1_025, null)] }))).toEqual(['not asked after']);
    expect(kinds(end([], { asked: [at(990, 995, false), at(1_020, 1_025, false)] }))).toEqual(['never active before']);
  });

  it('counts as in time what was confirmed within the limit, and only that', () => {
    const slow = end([], { calledAt: 859 });
    const limit = end([], { calledAt: 860 });
    const unconfirmed = end([], { confirmed: false });
    expect(judge([slow, limit, unconfirmed], PROMISED)).toMatchObject({ ends: 3, confirmed: 2, inTime: 1, most: 151 });
  });

  it('takes percentiles by nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, n) => 100 - n);
    expect([0.5, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([50, 99, 100]);
    expect(percentile([], 0.5)).toBe(0);
  });
});
