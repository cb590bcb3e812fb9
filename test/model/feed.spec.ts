import { explore } from './explore.js';
import { FEED_RULES, FeedModel, type FeedRules, type FeedScope } from './feed.js';

const MINUTES = 120_000;
const SMALL: FeedScope = { ends: 1, reads: 3, probes: 1, moves: 2, restarts: 0 };
const RESTART: FeedScope = { ends: 1, reads: 3, probes: 1, moves: 1, restarts: 1 };
const TWO: FeedScope = { ends: 2, reads: 3, probes: 1, moves: 1, restarts: 0 };
const said: string[] = [];
afterAll(() => void process.stdout.write(`${said.join('\n')}\n`));

it.each([
  ['one end, two connections', SMALL],
  ['a restart of Postgres', RESTART],
  ['two ends', TWO],
] as const)(
  'what a listener of the feed calls complete it has, in the whole space of: %s',
  (name, scope) => {
    const { states, transitions, depth, whole, found } = explore(new FeedModel(scope));
    said.push(`${name}: ${states} states, ${transitions} transitions, ${depth} steps deep`);
    expect(found).toBeNull();
    expect(whole).toBe(true);
  },
  MINUTES,
);

const MUTANTS: [string, Partial<FeedRules>, FeedScope][] = [
  ['a probe is answered by the last ticket known', { answeredLater: false }, SMALL],
  ['the copy counts as of the arrival of the answer', { asOfSend: false }, SMALL],
  ['positions are compared in place of tickets', { byTicket: false }, SMALL],
  ['any proof answers a probe', { reached: () => true }, SMALL],
  ['tickets of two epochs are compared', { reached: (shown, answer) => shown.ticket >= answer.ticket }, RESTART],
  ['a proof is written before its news', { newsBeforeProof: false }, SMALL],
  ['a proof is shown to whoever is still catching up', { caughtUpFirst: false }, SMALL],
  ['what has no number is not given to whoever resumes', { unnumberedResumed: false }, SMALL],
];

it.each(MUTANTS)(
  'a rule left out is noticed: %s',
  (name, rules, scope) => {
    const { found, states } = explore(new FeedModel(scope, { ...FEED_RULES, ...rules }));
    said.push(
      `\n${name}: ${found?.invariant ?? 'nothing is noticed'}; ${states} states`,
      ...(found?.history ?? []).map((step, n) => `  ${n + 1}. ${step}`),
    );
    expect(found?.invariant).toMatch('complete as of');
  },
  MINUTES,
);
