import { type SpawnedServices, spawnServices, until } from '#libs/testing';

const NOBODY = '127.0.0.1:1';

let services: SpawnedServices;
beforeAll(async () => {
  const env = { LANYARD_EVENT_LOG: 'kafka', LANYARD_KAFKA_BROKERS: NOBODY, LANYARD_KAFKA_REPLICATION: '1' };
  services = await spawnServices({ services: [], env });
});
afterAll(() => services.stop());

const health = async (of: 'live' | 'ready') => {
  const answer = await fetch(`${services.world.internalUrl('session')}/health/${of}`, { signal: AbortSignal.timeout(2_000) });
  return { status: answer.status, text: await answer.text() };
};

describe('a service that can’t reach its Kafka', () => {
  it('is alive, not ready and says why in one sentence, there and once in its log; vouches for nothing; and leaves when told to', async () => {
    services.start('session');
    const sentence = `Kafka (${NOBODY}) can't be used: `;
    await until(async () => (await health('ready')).text.includes(sentence), { timeoutMs: 30_000, what: 'readiness names Kafka' });
    const seen = await health('ready');
    expect([seen.status, (await health('live')).status]).toEqual([503, 200]);
    const { reasons } = JSON.parse(seen.text) as { reasons: { name: string; ok: boolean; reason: string }[] };
    expect(reasons.find(({ name }) => name === 'log')).toEqual({ name: 'log', ok: false, reason: expect.stringContaining(sentence) });
    // Without an epoch that is vouched for nobody gets a ticket, so no view anywhere is made fresh by this.
    await until(() => services.log('session').includes(`not ready: ${sentence}`), { what: 'the log names Kafka' });
    expect(await services.world.database.query('SELECT FROM session.log_epoch_vouched WHERE epoch IS NOT NULL')).toEqual([]);
    expect(services.log('session').split(`not ready: ${sentence}`)).toHaveLength(2);
    const asked = await fetch(`${services.world.url('session')}/admin/sessions`, { signal: AbortSignal.timeout(2_000) });
    expect([asked.status, asked.headers.get('retry-after'), await asked.json()]).toEqual([
      ...[503, '1'],
      expect.objectContaining({ error: 'temporarily_unavailable' }),
    ]);
    await services.signal('session', 'SIGTERM');
    expect(await services.exited('session')).toBe(0);
  }, 270_000);

  it('shows people a page that says so, and starts no sign-in', async () => {
    services.start('auth');
    const page = async () => {
      const answer = await fetch(`${services.world.url('auth')}/authorize`, { redirect: 'manual', signal: AbortSignal.timeout(2_000) });
      return { status: answer.status, again: answer.headers.get('retry-after'), text: await answer.text() };
    };
    const isPage = async () => (await page().catch(() => null))?.text.includes('<h1>');
    await until(isPage, { timeoutMs: 60_000, what: 'a page' });
    expect(await page()).toEqual({ status: 503, again: '1', text: expect.stringContaining('Not available at the moment') });
    await services.signal('auth', 'SIGTERM');
    expect(await services.exited('auth')).toBe(0);
  }, 360_000);
});
