import { sessionApi } from '#libs/contracts';
import { startServices, testKafka, until } from '#libs/testing';
import { judge } from '../numbers/ends-history.js';
import { runEnds, tableLine } from '../numbers/run-ends.js';

const ENDS = 40;
const BOUND_MS = 2_000;

const login = { sub: 'jane', subject_gen: 0, remember: false, amr: ['pwd'], acr: null, cookie: null, ip: null, user_agent: null };

describe('with LANYARD_EVENT_LOG=kafka', () => {
  it('the services become ready, and a session’s end goes through topics to the token service, which reports it; no token is active later than the bound after an end, nor after a confirmed one', async () => {
    const env = { LANYARD_EVENT_LOG: 'kafka', LANYARD_KAFKA_BROKERS: await testKafka(), LANYARD_KAFKA_REPLICATION: '1' };
    const services = await startServices({ env });
    try {
      const { session } = await services.world.call('auth', sessionApi.start, login);
      await services.world.call('auth', sessionApi.end, { sid: session.sid, reason: 'logout', initiated_by: 'user' });
      const rows = (text: string) => services.world.database.query<{ n: string }>(text);
      const count = async (text: string) => Number((await rows(text))[0]?.n);
      expect(await count("SELECT count(*) AS n FROM session.outbox_partition WHERE stream = 'events'")).toBe(4);
      const open =
        "SELECT count(*) AS n FROM session.outbox_partition WHERE published < last_pseq OR (stream = 'events' AND passed < last_pseq)";
      const numbered = 'SELECT count(*) AS n FROM session.outbox WHERE pseq IS NOT NULL';
      await until(async () => (await count(numbered)) > 0 && (await count(open)) === 0, {
        timeoutMs: 60_000,
        what: 'published and passed',
      });
      // And while an API asks about each ending session's token as fast as it is answered.
      const verdict = judge(await runEnds(services.world, ENDS, BOUND_MS), { boundMs: BOUND_MS, confirmedWithinMs: 150 });
      process.stdout.write(`\n${tableLine(verdict)}\n`);
      expect([verdict.ends, verdict.violations]).toEqual([ENDS, []]);
    } finally {
      await services.stop();
    }
  }, 600_000);
});
