import { until } from '#libs/testing';
import { FakeIssuer, LONG } from './fake-issuer.js';
import { statusOf } from './refusal-of.js';

/** A short bound, so that a copy that is not renewed is soon not current; then the policy answers 503, and never anything else. */
const REFUSE = { freshness: { otherwise: 'refuse', boundMs: 2_000, probeEveryMs: 50 } } as const;
const FORMS = ['jwt', 'opaque'] as const;

let issuer: FakeIssuer;
beforeEach(async () => {
  issuer = await FakeIssuer.start();
});
afterEach(() => issuer.close());

const WRONG: [string, (issuer: FakeIssuer) => void][] = [
  ['stalls', ({ feed }) => feed.still()],
  [
    'stalls, and goes on talking',
    ({ feed }) => {
      feed.prove = () => feed.raw(': still here\n\n');
    },
  ],
  [
    'repeats itself',
    ({ feed }) => {
      const { ticket, prove } = feed;
      feed.prove = () => prove.call(feed, ticket);
    },
  ],
  [
    'jumps backwards',
    ({ feed }) => {
      const { prove } = feed;
      feed.prove = () => prove.call(feed, 1);
    },
  ],
  [
    'jumps backwards, answers to probes included',
    ({ feed }) => {
      feed.answer = () => JSON.stringify({ sources: feed.sources(1) });
    },
  ],
  [
    'sends garbage',
    ({ feed }) => {
      feed.prove = () => feed.raw('event: proof\ndata: {"sources":{"session":{"epoch":1}}}\n\n');
    },
  ],
  [
    'answers probes with garbage',
    ({ feed }) => {
      feed.answer = () => '[[[[';
    },
  ],
  [
    'is of another epoch than what answers the probes',
    ({ feed }) => {
      const { sources } = feed;
      feed.answer = () => JSON.stringify({ sources: { ...sources.call(feed, 1e9), ...of('another', 1e9) } });
    },
  ],
  [
    'leaves a source out',
    ({ feed }) => {
      const { sources } = feed;
      feed.sources = (ticket) => ({ ...sources.call(feed, ticket), auth: undefined }) as never;
    },
  ],
  [
    'does not take us for who we are any more',
    (broken) => {
      broken.breakFeed();
      broken.feed.status = 401;
    },
  ],
];

function of(epoch: string, ticket: number) {
  const each = { epoch, ticket, db_time: Date.now() };
  return { session: each, token: each, auth: each };
}

it.each(WRONG)(
  'a feed that %s: nothing is accepted on its word for longer than the bound, and it is gone on with once it is well',
  async (_what, goWrong) => {
    const server = await issuer.fresh(REFUSE);
    const tokens = FORMS.map((form) => `Bearer ${issuer.token(form)}`);
    for (const token of tokens) expect(await statusOf(server.verify(token))).toBe(200);
    const { prove, sources, answer, status } = issuer.feed;
    goWrong(issuer);
    const wrongSince = performance.now();
    const accepted = { last: wrongSince };
    await until(async () => {
      const asked = performance.now();
      const statuses = await Promise.all(tokens.map((token) => statusOf(server.verify(token))));
      if (statuses.includes(200)) accepted.last = asked;
      expect(statuses.filter((each) => each !== 200 && each !== 503)).toEqual([]);
      return statuses.every((each) => each === 503);
    }, LONG);
    expect(accepted.last - wrongSince).toBeLessThanOrEqual(2_000);
    Object.assign(issuer.feed, { prove, sources, answer, status: status === 401 ? 200 : status });
    issuer.feed.ticket += 1_000_000;
    issuer.feed.beat();
    await until(async () => (await Promise.all(tokens.map((token) => statusOf(server.verify(token))))).every((each) => each === 200), LONG);
  },
);

it('an epoch that changes everywhere, as when the database is restarted, is followed', async () => {
  const server = await issuer.fresh(REFUSE);
  const header = `Bearer ${issuer.token('jwt')}`;
  await server.verify(header);
  issuer.feed.epoch = 'after the restart';
  issuer.feed.ticket = 1;
  const probes = issuer.feed.probes;
  await until(() => issuer.feed.probes > probes + 60 && server.freshness().fresh, LONG);
  expect(await statusOf(server.verify(header))).toBe(200);
});

it('what ended before a feed went wrong stays so when it is well again, because it is told again', async () => {
  const server = await issuer.fresh(REFUSE);
  const claims = issuer.claimsOf();
  const header = `Bearer ${issuer.token('jwt', claims)}`;
  await server.verify(header);
  issuer.feed.end('session', claims.sid);
  await until(async () => (await statusOf(server.verify(header))) === 401, LONG);
  // The next stream brings its snapshot before its first proof, as the server does.
  issuer.feed.snapshot = () => issuer.feed.end('session', claims.sid);
  issuer.feed.raw('event: proof\ndata: garbage\n\n');
  await until(() => issuer.feed.streams.length > 1 && server.freshness().fresh, LONG);
  expect(await statusOf(server.verify(header))).toBe(401);
});

it('a log that throws ends nothing', async () => {
  const server = await issuer.fresh({
    onTrouble: () => {
      throw new Error('the log is full');
    },
  });
  issuer.feed.raw('event: proof\ndata: garbage\n\n');
  await until(() => issuer.feed.streams.length > 1 && server.freshness().fresh, LONG);
});
