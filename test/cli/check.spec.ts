import pg from 'pg';
import { sessionApi } from '#libs/contracts';
import { until } from '#libs/testing';
import { PATIENT, signedIn } from '../ends/life.js';
import { startWorld, type World } from '../world.js';
import { lanyardAt } from './operators-terminal.js';

/** The doctor, over a system that is in order and over one thing after another that is not. */
let world: World;
let lanyard: ReturnType<typeof lanyardAt>;
beforeAll(async () => {
  world = await startWorld({ settings: PATIENT });
  lanyard = lanyardAt(world.issuer);
}, 360_000);
afterAll(() => world?.close());

interface Finding {
  ok: boolean;
  service: string;
  what: string;
  said: string;
}

async function check(...options: string[]): Promise<{ code: number; findings: Finding[]; wrong: Finding[] }> {
  const { code, out, err } = await lanyard.run(['check', '--json', ...options]);
  expect(err).toBe('');
  const findings = JSON.parse(out) as Finding[];
  return { code, findings, wrong: findings.filter(({ ok }) => !ok) };
}

const oneWrong = (service: RegExp, what: string, said: RegExp) =>
  expect.objectContaining({ ok: false, service: expect.stringMatching(service), what, said: expect.stringMatching(said) });
const inOrder = () => until(async () => (await check()).code === 0, { what: 'nothing is wrong' });

test('in order: every process with its figures, keys with their age and what comes next, and exit code 0', async () => {
  await lanyard.json('keys', 'rotate', 'sealing');
  const { code, findings, wrong } = await check();
  expect({ code, wrong }).toEqual({ code: 0, wrong: [] });
  const said = (service: RegExp, what: string) =>
    findings.filter((one) => service.test(one.service) && one.what === what).map((one) => one.said);
  for (const service of ['auth', 'token', 'session', 'introspect']) {
    const process = new RegExp(`^${service} 127\\.0\\.0\\.1:\\d+$`);
    for (const source of ['auth', 'session', 'token'])
      expect(said(process, `tickets of ${source}`)).toEqual([expect.stringMatching(/^last one \d\.\d\d s ago$/)]);
    // How far apart they seem includes how long a busy machine took to ask.
    expect(said(process, 'clock')).toEqual([expect.stringMatching(/^(with the database|0\.\d\d s (ahead of|behind) the database)$/)]);
    expect(said(process, 'disk')).toEqual([expect.stringMatching(/^\d+ of \d+ MiB free$/)]);
    if (service !== 'introspect')
      expect(said(process, 'outbox revocations')).toEqual([expect.stringMatching(/^(empty|\d+ rows wait .*)$/)]);
  }
  expect(said(/^token$/, 'key signing:RS256')).toEqual(['in use for 0 h, next in 90 days, 0 retiring']);
  expect(said(/^token$/, 'key sealing')).toEqual(['in use for 0 h, next in 0 h (made), 0 retiring']);
});

test('an owner’s relay that stands still: what waits in its outbox, and for how long', async () => {
  const holder = new pg.Client({ connectionString: world.stand.database.adminUrl });
  await holder.connect();
  try {
    await holder.query("BEGIN; SELECT FROM session.outbox_partition WHERE stream = 'events' FOR UPDATE");
    const { sid } = await signedIn(world);
    await lanyard.json('sessions', 'end', sid);
    const wrong = await until(
      async () => {
        const found = await check();
        return found.code === 6 && found.wrong;
      },
      { what: 'a finding' },
    );
    expect(wrong).toEqual([
      oneWrong(/^session /, 'outbox events', /^\d+ rows wait for the relay, the oldest for .* s: does the relay run\?$/),
    ]);
  } finally {
    await holder.end();
  }
  await inOrder();
});

test('dead logout tokens and dead letters: how many, and the command that shows them; a letter that is closed is one no more', async () => {
  world.receivers['photo-shop'].answerNext({ status: 400 });
  const { sid } = await signedIn(world);
  await lanyard.json('sessions', 'end', sid);
  await world.stand.database.query(
    `INSERT INTO token.dead_letter (source, stream, partition, pseq, reason, tries, at) VALUES ('session', 'events', 0, 999999, 'missing', 0, now());
     INSERT INTO session.outbox_dead_letter VALUES ('token', 'events', 0, 1, 'e', 'k', 'SessionEnded', 1, '{}', now(), now())`,
  );
  const wrong = await until(
    async () => {
      const found = await check();
      return found.wrong.length === 3 && found.wrong;
    },
    { what: 'three findings' },
  );
  expect(wrong).toEqual([
    oneWrong(/^session /, 'reader token', /^1 events went to the dead letters/),
    oneWrong(/^session$/, 'dead logout tokens', /^1: lanyard deliveries list --state dead$/),
    oneWrong(/^token$/, 'dead events', /^1: lanyard dead-letters token --open$/),
  ]);
  const [letter] = await lanyard.json<{ id: number }[]>('dead-letters', 'token', '--open');
  await lanyard.json('dead-letters', 'close', 'token', String(letter?.id), '--reason', 'a test lost them');
  expect((await check()).wrong.map(({ what }) => what)).toEqual(['reader token', 'dead logout tokens']);
  expect(await lanyard.run(['dead-letters', 'token', '--open'])).toMatchObject({ code: 0, out: '(none)\n' });
  await world.stand.database.query("DELETE FROM session.outbox_dead_letter; DELETE FROM session.delivery WHERE state = 'dead'");
});

test('a disk with less than --min-free', async () => {
  const { code, wrong } = await check('--min-free', '999999999');
  expect(code).toBe(6);
  expect(wrong).toHaveLength(4);
  expect(wrong).toContainEqual(oneWrong(/^auth /, 'disk', /^\d+ of \d+ MiB free, less than 999999999 MiB$/));
});

test('a line of keys that nobody rotates, or that has none', async () => {
  await world.stand.database.query(
    "UPDATE token.keys SET activates_at = activates_at - interval '3 days' WHERE line = 'sealing' AND state = 'active'",
  );
  const { wrong } = await check();
  expect(wrong).toEqual([oneWrong(/^token$/, 'key sealing', /^not rotated, though due 2 days ago; in use for 3 days$/)]);
  await world.stand.database.query(
    "UPDATE token.keys SET activates_at = activates_at + interval '3 days' WHERE line = 'sealing' AND state = 'active'",
  );
});

test('a process that does not answer, and then a whole service: the rest is said all the same', async () => {
  await world.stand.call('auth', sessionApi.registerView, { view_id: 'gone', address: 'http://127.0.0.1:9', service: 'introspect' });
  expect((await check()).wrong).toEqual([oneWrong(/^introspect 127\.0\.0\.1:9$/, 'process', /^can't be asked by the session service: /)]);
  await world.services.stopOne('session');
  const { code, findings, wrong } = await check();
  expect(code).toBe(6);
  expect(wrong).toContainEqual(oneWrong(/^session$/, 'health', /can't be asked/));
  expect(findings.filter(({ what }) => what.startsWith('key '))).toHaveLength(4);
});
