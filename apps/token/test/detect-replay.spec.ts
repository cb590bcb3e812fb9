import fc from 'fast-check';
import { BURST_MS, classifyRefresh, type GracePolicy, LATE_REPEATS, type Rotation } from '../src/grants/detect-replay.js';

const G = 30_000;
const PUBLIC: GracePolicy = { graceMs: G, proven: false };
const CONFIDENTIAL: GracePolicy = { graceMs: G, proven: true };
const T = 1_000_000;
const rotated: Rotation = { seq: 8, rotatedAt: T, lateRepeats: 0 };
const at = (now: number, age = 0) => ({ now, arrivedAt: now - age });

describe('the class of a refresh', () => {
  it('is current for the row’s number and ahead for a later one, whatever the policy and the time', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.boolean(), fc.nat(10), (now, graceMs, proven, ahead) => {
        const use = classifyRefresh(8 + ahead, rotated, { graceMs, proven }, at(now));
        expect(use.kind).toBe(ahead === 0 ? 'current' : 'ahead');
      }),
    );
  });

  it('is a replay for anything older than one behind, whoever shows it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.boolean(), fc.nat(), (presented, proven, later) => {
        expect(classifyRefresh(presented, rotated, { graceMs: G, proven }, at(T + later)).kind).toBe('replay');
      }),
    );
  });

  it('is a replay one behind where grace is 0, for every client', () => {
    for (const proven of [true, false]) {
      expect(classifyRefresh(7, rotated, { graceMs: 0, proven }, at(T))).toEqual({ kind: 'replay', why: 'no_grace' });
    }
  });

  it('is a lost response one behind for a client that proves itself, a year later too', () => {
    expect(classifyRefresh(7, rotated, CONFIDENTIAL, at(T + 365 * 86_400_000))).toEqual({ kind: 'lost_response', late: false });
  });

  it.each([
    [G - 1, 'lost_response'],
    [G, 'lost_response'],
    [G + 1, 'replay'],
  ])('for a public bearer client %i ms after the rotation: %s', (later, kind) => {
    expect(classifyRefresh(7, rotated, PUBLIC, at(T + later)).kind).toBe(kind);
  });

  it('counts nothing of a burst, and three uses after it', () => {
    expect(classifyRefresh(7, { ...rotated, lateRepeats: LATE_REPEATS }, PUBLIC, at(T + BURST_MS))).toEqual({
      kind: 'lost_response',
      late: false,
    });
    for (let lateRepeats = 0; lateRepeats < LATE_REPEATS; lateRepeats++) {
      expect(classifyRefresh(7, { ...rotated, lateRepeats }, PUBLIC, at(T + BURST_MS + 1))).toEqual({ kind: 'lost_response', late: true });
    }
    expect(classifyRefresh(7, { ...rotated, lateRepeats: LATE_REPEATS }, PUBLIC, at(T + BURST_MS + 1))).toEqual({
      kind: 'replay',
      why: 'too_often',
    });
  });

  it('judges the burst by when a request arrived, not by when we got to it', () => {
    expect(classifyRefresh(7, { ...rotated, lateRepeats: LATE_REPEATS }, PUBLIC, at(T + 9_000, 9_000)).kind).toBe('lost_response');
    expect(classifyRefresh(7, rotated, PUBLIC, at(T + G + 1, G)).kind).toBe('replay');
  });

  it('never lets a first token’s predecessor in', () => {
    expect(classifyRefresh(0, { seq: 1, rotatedAt: null, lateRepeats: 0 }, CONFIDENTIAL, at(T)).kind).toBe('replay');
  });

  /** A model of the rules: a family, its owner and a thief; whatever they do, two different successors are never alive. */
  it('whatever the history, a token is answered with one successor or not at all', () => {
    const move = fc.record({ presented: fc.integer({ min: 1, max: 6 }), wait: fc.integer({ min: 0, max: 40_000 }) });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 30 }), fc.boolean(), fc.constantFrom(0, G), (moves, proven, graceMs) => {
        let now = T;
        let rotation: Rotation = { seq: 1, rotatedAt: null, lateRepeats: 0 };
        let revoked = false;
        const successors = new Map<number, number>();
        for (const { presented, wait } of moves) {
          now += wait;
          if (revoked || presented > rotation.seq) continue;
          const use = classifyRefresh(presented, rotation, { graceMs, proven }, at(now));
          if (use.kind === 'replay') revoked = true;
          else {
            const successor = use.kind === 'current' ? presented + 1 : rotation.seq;
            expect(successors.get(presented) ?? successor).toBe(successor);
            successors.set(presented, successor);
            if (use.kind === 'current') rotation = { seq: successor, rotatedAt: now, lateRepeats: 0 };
            else if (use.kind === 'lost_response' && use.late) rotation = { ...rotation, lateRepeats: rotation.lateRepeats + 1 };
          }
        }
      }),
    );
  });
});
