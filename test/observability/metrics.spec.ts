import pg from 'pg';
import { SERVICES, type ServiceName, sessionApi } from '#libs/contracts';
import { METRICS, type MetricDefinition } from '#libs/metrics';
import { STORY, until } from '#libs/testing';
import { UserAgent } from '../actors/user-agent.js';
import { startWorld, type World } from '../world.js';
import { Scrape } from './scrape.js';

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 180_000);
afterAll(() => world?.close());

const scrape = (service: ServiceName) => Scrape.of(world, service);
const holdsView = async (service: ServiceName) => (await scrape(service)).value('lanyard_view_fresh') !== null;
const end = (sid: string) => world.stand.call('auth', sessionApi.end, { sid, reason: 'admin', initiated_by: 'admin', actor: null });

async function signedIn(): Promise<string> {
  const tokens = await world.tokensFor(new UserAgent(), world.shop, 'openid photos:read online_access');
  const { body } = await world.raw('gateway').introspect(tokens.access_token);
  return String(body.sid);
}

/** Waits until a number is what it should be: what is read at a scrape follows, it does not lead. */
const reads = (
  service: ServiceName,
  name: keyof typeof METRICS | `${string}_count`,
  labels: Record<string, string>,
  at: (n: number) => boolean,
) =>
  until(async () => at((await scrape(service)).value(name, labels) ?? Number.NaN), {
    what: `${service}: ${name} ${JSON.stringify(labels)}`,
  });

describe('what Prometheus sees', () => {
  it.each(SERVICES)('%s serves every metric of its own at /metrics, on the internal listener only', async (service) => {
    const own = Object.entries<MetricDefinition>(METRICS).filter(([, { of }]) => of.includes(service));
    expect((await scrape(service)).names.sort()).toEqual(own.map(([name]) => name).sort());
    expect((await fetch(`${world.stand.url(service)}/metrics`)).status).toBe(404);
    const answer = await fetch(`${world.stand.internalUrl(service)}/metrics`);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  it('counts requests by route, method and status, and never by URL', async () => {
    const route = { listener: 'public', method: 'POST', route: '/introspect', status: '401' };
    const before = (await scrape('introspect')).value('lanyard_http_request_duration_seconds_count', route) ?? 0;
    await fetch(`${world.stand.url('introspect')}/introspect?token=in-the-url`, {
      method: 'POST',
      body: new URLSearchParams({ token: 'x' }),
    });
    await fetch(`${world.stand.url('introspect')}/no/such/place/9f2c`);
    const after = await scrape('introspect');
    expect(after.value('lanyard_http_request_duration_seconds_count', route)).toBe(before + 1);
    expect(after.value('lanyard_http_request_duration_seconds_count', { route: '-', status: '404' })).toBe(1);
    expect(after.text).not.toMatch(/9f2c|in-the-url/);
  });

  it('follows a session’s end: entries, latency, confirmation, delivery', async () => {
    const views: ServiceName[] = [];
    for (const service of SERVICES) if (await holdsView(service)) views.push(service);
    expect(views).toEqual(expect.arrayContaining(['auth', 'token', 'introspect']));
    const held = await Promise.all(
      views.map(async (service) => (await scrape(service)).value('lanyard_view_entries', { kind: 'session' })),
    );
    const answer = await end(await signedIn());
    expect(answer.confirmed).toBe(true);
    await world.receivers['photo-shop'].received(1);
    for (const [index, service] of views.entries()) {
      await reads(service, 'lanyard_view_entries', { kind: 'session' }, (n) => n === (held[index] ?? 0) + 1);
      await reads(service, 'lanyard_view_apply_seconds_count', { kind: 'session' }, (n) => n >= 1);
      const { text } = await scrape(service);
      expect(text).toMatch(/lanyard_view_apply_seconds_bucket\{kind="session",via="(hint|own|log)",le="2"\} [1-9]/);
    }
    await reads('session', 'lanyard_confirm_seconds_count', { confirmed: 'true' }, (n) => n >= 1);
    await reads('session', 'lanyard_logout_delivery_attempts_total', { outcome: 'delivered' }, (n) => n >= 1);
    await reads('session', 'lanyard_logout_delivery_seconds_count', { outcome: 'delivered' }, (n) => n >= 1);
  });

  it('shows how fresh a view is, per source', async () => {
    for (const service of ['auth', 'token', 'introspect'] as const) {
      const now = await scrape(service);
      expect(now.value('lanyard_view_fresh')).toBe(1);
      for (const source of ['auth', 'session', 'token']) {
        expect(now.value('lanyard_view_freshness_age_seconds', { source })).toBeLessThan(1.9);
        expect(now.value('lanyard_view_gap', { source })).toBe(0);
        expect(now.value('lanyard_view_log_age_seconds', { source, partition: '0' })).toBeLessThan(1.9);
        expect(now.value('lanyard_view_lag_entries', { source, partition: '0' })).toBe(0);
      }
      expect(now.value('lanyard_ready', { reason: 'view' })).toBe(1);
    }
  });

  it('shows what the relay has not numbered, and how old it is', async () => {
    const holder = new pg.Client({ connectionString: world.stand.database.adminUrl });
    await holder.connect();
    try {
      await holder.query("BEGIN; SELECT FROM session.outbox_partition WHERE stream = 'events' FOR UPDATE");
      await end(await signedIn());
      await reads('session', 'lanyard_outbox_unnumbered_rows', { stream: 'events' }, (n) => n >= 1);
      await reads('session', 'lanyard_outbox_unnumbered_age_seconds', { stream: 'events' }, (n) => n > 0);
    } finally {
      await holder.end();
    }
    await reads('session', 'lanyard_outbox_unnumbered_rows', { stream: 'events' }, (n) => n === 0);
  });

  it('shows how far group readers are behind, on the owner’s side, so also when a reader is dead', async () => {
    await reads('session', 'lanyard_outbox_unpassed_rows', { reader: 'token' }, (n) => n === 0);
    await world.services.stopOne('token');
    await world.stand.database.query("UPDATE session.log_reader SET position = position - 2 WHERE reader = 'token'");
    await reads('session', 'lanyard_outbox_unpassed_rows', { reader: 'token' }, (n) => n === 2);
    await reads('session', 'lanyard_outbox_unpassed_age_seconds', { reader: 'token' }, (n) => n > 0);
    await world.services.startAll(['token']);
    await reads('session', 'lanyard_outbox_unpassed_rows', { reader: 'token' }, (n) => n === 0);
  });

  it('shows how far a service is behind in each partition, as the service itself sees it', async () => {
    const of = { reader: 'token', source: 'session', partition: '0' };
    await reads('token', 'lanyard_log_reader_lag_events', of, (n) => n === 0);
    const holder = new pg.Client({ connectionString: world.stand.database.adminUrl });
    await holder.connect();
    try {
      await holder.query('BEGIN; SELECT FROM token.log_position FOR UPDATE');
      await end(await signedIn());
      await reads('token', 'lanyard_log_reader_lag_events', of, (n) => n >= 1);
    } finally {
      await holder.end();
    }
    await reads('token', 'lanyard_log_reader_lag_events', of, (n) => n === 0);
  });

  it('shows deliveries that wait and that were given up, and dead letters', async () => {
    world.receivers['photo-shop'].answerNext('hang');
    await end(await signedIn());
    await reads('session', 'lanyard_logout_deliveries', { state: 'pending' }, (n) => n === 1);
    await reads('session', 'lanyard_logout_deliveries_oldest_seconds', {}, (n) => n > 0);
    world.receivers['photo-shop'].release();
    await reads('session', 'lanyard_logout_deliveries', { state: 'pending' }, (n) => n === 0);
    world.receivers['photo-shop'].answerNext({ status: 400 });
    await end(await signedIn());
    await reads('session', 'lanyard_logout_deliveries', { state: 'dead' }, (n) => n === 1);
    await world.stand.database.query(
      `INSERT INTO token.dead_letter (source, stream, partition, pseq, reason, tries, at) VALUES ('session', 'events', 0, 999999, 'missing', 0, now());
       INSERT INTO session.outbox_dead_letter VALUES ('token', 'events', 0, 1, 'e', 'k', 'SessionEnded', 1, '{}', now(), now())`,
    );
    await reads('token', 'lanyard_dead_letters', { source: 'session' }, (n) => n === 1);
    await reads('session', 'lanyard_outbox_dead_letters', { reader: 'token' }, (n) => n === 1);
  });

  it('counts password hashes, and what the process uses', async () => {
    const done = (await scrape('auth')).value('lanyard_hashing_total', { outcome: 'done' }) ?? 0;
    await signedIn();
    const now = await scrape('auth');
    expect(now.value('lanyard_hashing_total', { outcome: 'done' })).toBeGreaterThan(done);
    for (const name of ['lanyard_hashing_running', 'lanyard_hashing_waiting']) expect(now.value(name)).toBe(0);
    expect(now.value('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(now.value('process_resident_memory_bytes')).toBeGreaterThan(1e7);
    expect(now.value('process_start_time_seconds')).toBeLessThan(Date.now() / 1e3);
  });

  it('says so when numbers can’t be read, instead of repeating old ones', async () => {
    await world.stand.database.query('ALTER TABLE session.outbox_dead_letter RENAME TO away');
    const broken = await scrape('session');
    expect(broken.value('lanyard_outbox_unpassed_rows')).toBeNull();
    expect(broken.value('lanyard_outbox_unnumbered_rows')).not.toBeNull();
    await world.stand.database.query('ALTER TABLE session.away RENAME TO outbox_dead_letter');
    await reads('session', 'lanyard_metrics_collect_errors_total', { collector: 'group_readers' }, (n) => n === 1);
    expect((await scrape('session')).value('lanyard_outbox_unpassed_rows')).not.toBeNull();
  });

  it('carries no id, no name and no address of anybody', async () => {
    const ids = await world.stand.database.query<{ id: string }>(
      'SELECT sid AS id FROM session.session UNION SELECT sub FROM auth.subject UNION SELECT client_id FROM auth.client UNION SELECT gid FROM token.grants',
    );
    expect(ids.length).toBeGreaterThan(5);
    for (const service of SERVICES) {
      const now = await scrape(service);
      for (const { id } of ids) expect(now.text).not.toContain(id);
      expect(now.text).not.toContain(STORY.jane.username);
      expect(new Set(now.labels().map(({ value }) => value)).size).toBeLessThan(150);
    }
  });
});
