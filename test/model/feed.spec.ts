import { explore } from './explore.js';
import { FEED_RULES, FeedModel, type FeedRules, type FeedScope } from './feed.js';

const MINUTES = 120_000;
const ONE: FeedScope = { ends: 1, reads: 2, probes: 1, moves: 1, restarts: 0 };
const MOVES: FeedScope = { ...ONE, moves: 2 };
const RESTART: FeedScope = { ...ONE, restarts: 1 };
const said: string[] = [];
afterAll(() => void process.stdout.write(`${said.join('\n')}\n`));

it(
  'what a listener of the feed calls complete it has, in the whole space of one end, one probe and one connection',
  () => {
    const { states, transitions, depth, whole, found } = explore(new FeedModel(ONE));
    said.push(`the feed: ${states} states, ${transitions} transitions, ${depth} steps deep`);
    expect(found).toBeNull();
    expect(whole).toBe(true);
  },
  MINUTES,
);

const MUTANTS: [string, Partial<FeedRules>, FeedScope][] = [
  ['a probe is answered by the last ticket known', { answeredLater: false }, ONE],
  ['the copy counts as of the arrival of the answer', { asOfSend: false }, ONE],
  ['positions are compared in place of tickets', { byTicket: false }, ONE],
  ['any proof answers a probe', { reached: () => true }, ONE],
  ['tickets of two epochs are compared', { reached: (shown, answer) => shown.ticket >= answer.ticket }, RESTART],
  ['a proof is written before its news', { newsBeforeProof: false }, ONE],
  ['a proof is shown to whoever is still catching up', { caughtUpFirst: false }, MOVES],
  ['what has no number is not given to whoever resumes', { unnumberedResumed: false }, MOVES],
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
