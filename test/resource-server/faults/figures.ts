import { ALIVE, type Asked, type Broken, fatesOf, type History } from './answers-history.js';

export interface Figures {
  readonly during: string;
  readonly calls: number;
  readonly accepted: number;
  readonly refused: number;
  readonly unavailable: number;
  /** Of calls begun after the acknowledgement of the end of their session. */
  readonly afterAnEnd: number;
  /** The latest of those that were accepted all the same, in ms after it. */
  readonly lastAcceptedMs: number;
}

/** What was seen during each fault and its healing, and in all. */
export function figuresOf(history: History): Figures[] {
  const until = (n: number) => history.broken[n + 1]?.from ?? history.healedAt;
  const parts = history.broken.map(({ what, from }: Broken, n) =>
    figures(
      what,
      history.asked.filter(({ begunAt }) => begunAt >= from && begunAt < until(n)),
      history,
    ),
  );
  return [...parts, figures('in all', history.asked, history)];
}

function figures(during: string, asked: readonly Asked[], { ends }: History): Figures {
  const fates = fatesOf(ends);
  const count = (outcome: Asked['outcome']) => asked.filter((one) => one.outcome === outcome).length;
  const late = asked
    .map((one) => ({ ...one, afterMs: one.begunAt - (fates.get(one.sid) ?? ALIVE).acknowledgedAt }))
    .filter(({ afterMs }) => afterMs > 0);
  return {
    ...{ during, calls: asked.length, accepted: count('accepted'), refused: count('refused'), unavailable: count('unavailable') },
    afterAnEnd: late.length,
    lastAcceptedMs: late.reduce((most, { outcome, afterMs }) => (outcome === 'accepted' ? Math.max(most, afterMs) : most), 0),
  };
}

/** A table for docs/reliability.md. */
export function figuresTable(all: readonly Figures[]): string {
  const line = ({ during, calls, accepted, refused, unavailable, afterAnEnd, lastAcceptedMs }: Figures) =>
    `| ${[during, calls, accepted, refused, unavailable, afterAnEnd, `${lastAcceptedMs.toFixed(0)} ms`].join(' | ')} |`;
  return [
    '| while | calls | accepted | 401 | 503 | begun after the end | last accepted after the end |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...all.map(line),
  ].join('\n');
}
