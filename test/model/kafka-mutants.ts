import { BROADCAST_RULES, numberRows } from '#libs/event-log';
import { kafkaScope } from './kafka-spaces.js';
import type { Mutant } from './mutants.js';
import type { Rules } from './rules.js';

const { planRead, provenBelow } = BROADCAST_RULES;

/** Any number, and any watermark's last, is where the reader then stands: as a consumer does that only knows offsets. */
const NO_GAPS: Partial<Rules> = {
  advance: (position, { run, watermark }, epoch) => {
    const reached = Math.max(position, run?.epoch === epoch ? run.to : 0, watermark?.epoch === epoch ? watermark.last : 0);
    return { position: reached, seen: { run: null, watermark } };
  },
  missing: () => null,
};

const APART = { calm: false, ticks: 0 };
const SKIPS = kafkaScope('the consumer skips', { ticks: 1 }, { consumerSkips: 1 });
const COPY = kafkaScope('a copy', { ticks: 0, restores: 1 }, { backlog: 2 });

/** Numbers of an old epoch are too many steps away for a search: a spec of the reader's rules kills that one. */
export const KAFKA_MUTANTS: readonly Mutant[] = [
  { name: 'no gap detection, a skip keeps the set and its freshness', of: '5', rules: NO_GAPS, scope: SKIPS, by: 'S4' },
  { name: 'the same, and no answer is older than the bound', of: '5', rules: NO_GAPS, scope: { ...SKIPS, ticks: 2 }, by: 'S1' },
  {
    name: 'no gap detection, the broker loses what it acknowledged',
    of: '5',
    rules: NO_GAPS,
    scope: kafkaScope('a lost suffix', { ticks: 1 }, { losses: 1 }),
    by: 'S4',
  },
  {
    name: 'no bootstrap',
    of: '5',
    rules: {
      planRead: (state, ...rest) => {
        const plan = planRead(state, ...rest);
        return plan.read === 'since' && plan.why === null ? { ...plan, since: Number.POSITIVE_INFINITY } : plan;
      },
    },
    scope: kafkaScope('one end', { ticks: 0 }),
    by: 'S4',
  },
  {
    name: 'the bootstrap is read before the consumer subscribes, without gap detection',
    of: '5',
    rules: { ...NO_GAPS, subscribesFirst: false },
    scope: kafkaScope('one end', { ticks: 0 }),
    by: 'S4',
  },
  {
    name: 'a relay marks before it publishes, without gap detection',
    of: '3',
    rules: { ...NO_GAPS, marksAfterPublish: false },
    scope: kafkaScope('every step apart', APART),
    by: 'S4',
  },
  {
    name: 'the watermark stands before its events, without gap detection',
    of: '3',
    rules: { ...NO_GAPS, watermarkAfterEvents: false },
    scope: kafkaScope('one end', { ticks: 0 }),
    by: 'S4',
  },
  {
    name: 'a record that can’t be read is passed over',
    of: '5',
    rules: NO_GAPS,
    scope: kafkaScope('a record that can’t be read', { ticks: 0, unreadable: true }),
    by: 'S4',
  },
  {
    name: 'the relay’s snapshot is older than its ticket',
    of: '3',
    rules: { relayDrawsFirst: false },
    scope: kafkaScope('every step apart', APART),
    by: 'S4',
  },
  {
    name: 'numbering with a LIMIT',
    of: '3',
    rules: { number: (last, rows) => numberRows(last, rows.slice(0, 1)) },
    scope: kafkaScope('two ends', { ticks: 0, other: true }),
    by: 'S4',
  },
  {
    name: 'a watermark whose ticket is not greater proves a probe',
    of: '6',
    rules: { provenProbe: (probes, below) => (below > 0 ? (probes.at(-1) ?? null) : null) },
    scope: kafkaScope('one end', { ticks: 0 }),
    by: 'S4',
  },
  {
    name: 'the second source needs no ticket, so that a standby will do',
    of: '4',
    rules: { readsPrimary: false },
    scope: kafkaScope('a standby', { ticks: 0 }, { standby: true }),
    by: 'S4',
  },
  {
    name: 'a watermark of an old epoch counts',
    of: '5',
    rules: { standing: () => 'ours', provenBelow: (position, seen) => provenBelow(position, seen, seen.watermark?.epoch ?? '') },
    scope: COPY,
    by: 'S4',
  },
];

/** Rules that the numbers make unneeded for safety: what each saves is a read of the database (docs/decisions/0023). */
export const KAFKA_SPARE: readonly Omit<Mutant, 'by'>[] = [
  {
    name: 'the bootstrap is read before the consumer subscribes',
    of: '5',
    rules: { subscribesFirst: false },
    scope: kafkaScope('one end', { ticks: 2 }),
  },
  { name: 'a relay marks before it publishes', of: '3', rules: { marksAfterPublish: false }, scope: kafkaScope('every step apart', APART) },
  {
    name: 'the watermark stands before its events',
    of: '3',
    rules: { watermarkAfterEvents: false },
    scope: kafkaScope('one end', { ticks: 1 }),
  },
  { name: 'a skip is told to nobody', of: '5', rules: {}, scope: { ...SKIPS, ticks: 2 } },
  {
    name: 'late and foreign epochs are not told apart from ours, where numbers and watermarks carry theirs',
    of: '5',
    rules: { standing: () => 'ours' },
    scope: COPY,
  },
];
