import { until } from '#libs/testing';
import type { Flow } from './flow.js';
import { endAndExpectAll, expectAllEnded, signedIn } from './session-story.js';

const IDLE_MS = 31 * 60_000;

/** Before the commit nothing happened, and the end asked for again completes; after it the end stands by itself. */
const endFlow: Flow = {
  name: 'end of a session',
  service: 'session',
  places: {
    'session.end.after-row': 'before',
    'session.end.after-outbox': 'before',
    'session.end.after-deliveries': 'before',
    'session.end.before-commit': 'before',
    'session.end.after-commit': 'after',
    'session.end.after-nudge': 'after',
    'session.end.after-confirm': 'after',
  },
  daily: [],
  async run(killing, place, side) {
    const story = await signedIn(killing);
    const shop = story.tokens['photo-shop'].access_token;
    // The views read the log by themselves: nobody has restarted the service yet.
    const { world } = killing;
    const gone = () => until(async () => !(await world.isActive(shop, world.raw('gateway'))), { timeoutMs: 2_000, what: 'inactive' });
    const alive = async () => expect(await world.isActive(shop)).toBe(true);
    const whileDown = side === 'after' ? gone : alive;
    expect(await killing.cut({ service: 'session', place, step: () => killing.end(story.sid), whileDown })).toHaveProperty('error');
    expect(await killing.end(story.sid)).toMatchObject({ ended: side === 'before' });
    await expectAllEnded(killing, story);
  },
};

/** The relay of the killed process: rows without a number stay in the log, and the next relay numbers them. */
const relayFlow: Flow = {
  name: 'relay of an end',
  service: 'session',
  places: {
    'event-log.relay.after-ticket': 'after',
    'event-log.relay.after-numbers': 'after',
    'event-log.relay.before-commit': 'after',
    'event-log.relay.before-notify': 'after',
  },
  daily: ['event-log.relay.before-commit'],
  async run(killing, place) {
    const story = await signedIn(killing);
    await killing.cut({ service: 'session', place, step: () => killing.end(story.sid) });
    expect(await killing.end(story.sid)).toMatchObject({ ended: false });
    await killing.quiet();
    await expectAllEnded(killing, story);
  },
};

const deliverFlow: Flow = {
  name: 'delivery of logout tokens',
  service: 'session',
  places: {
    'session.deliver.after-claim': 'after',
    'session.deliver.before-send': 'after',
    'session.deliver.after-send': 'after',
    'session.deliver.after-settle': 'after',
  },
  daily: [],
  async run(killing, place) {
    const story = await signedIn(killing);
    await killing.cut({ service: 'session', place, step: () => killing.end(story.sid) });
    await expectAllEnded(killing, story);
  },
};

/** The token service's part; the end is acknowledged without it. */
const cascadeFlow: Flow = {
  name: 'cascade to the grants',
  service: 'token',
  places: {
    'token.cascade.before-commit': 'before',
    'token.cascade.after-commit': 'after',
    'event-log.group.before-position': 'after',
  },
  daily: [],
  async run(killing, place) {
    const story = await signedIn(killing);
    const seen = await killing.cut({ service: 'token', place, step: () => killing.end(story.sid) });
    expect(seen).toMatchObject({ answer: { ended: true } });
    await expectAllEnded(killing, story);
  },
};

/** Nobody ends it: its time is up. */
const reapFlow: Flow = {
  name: 'reaping',
  service: 'session',
  places: { 'session.reap.after-claim': 'before', 'session.reap.after-commit': 'after' },
  daily: ['session.reap.after-claim', 'session.reap.after-commit'],
  async run(killing, place) {
    const story = await signedIn(killing);
    await killing.cut({ service: 'session', place, step: () => killing.world.stand.time.advance(IDLE_MS) });
    killing.operator.forget();
    await killing.world.advance(0);
    const ended = () => killing.count("SELECT count(*) FROM session.session WHERE sid = $1 AND state = 'ended'", [story.sid]);
    await until(async () => (await ended()) === 1, { what: 'reaped' });
    expect(await killing.end(story.sid)).toMatchObject({ ended: false });
    await expectAllEnded(killing, story);
  },
};

/** The caller of an end dies between its confirmation and the page that says so. */
const logoutFlow: Flow = {
  name: 'sign-out of a browser',
  service: 'auth',
  places: { 'auth.logout.after-end': 'after' },
  daily: ['auth.logout.after-end'],
  async run(killing, place) {
    const { world } = killing;
    const story = await signedIn(killing);
    const url = world.shop.logoutUrl(story.tokens['photo-shop'].id_token, 'bye');
    expect(await killing.cut({ service: 'auth', place, step: () => story.agent.open(url, world.shop.isMine) })).toHaveProperty('error');
    // The person reloads: there is nothing to end, and the application gets them back.
    expect((await story.agent.open(url, world.shop.isMine)).url.pathname).toBe('/signed-out');
    await expectAllEnded(killing, story);
  },
};

/** All sessions of a user, by an operator: the generation is raised in auth, the sessions end in the session service. */
const changeFlow = (service: 'auth' | 'session' | 'token', places: Flow['places'], daily: Flow['daily']): Flow => ({
  name: `revocation of a user, ${service} killed`,
  service,
  places,
  daily,
  async run(killing, place) {
    const story = await signedIn(killing);
    const sub = await subjectOf(killing, story.sid);
    const revoke = () => killing.operator.call('auth', 'POST', `/admin/users/${sub}/revoke-all`);
    await killing.cut({ service, place, step: revoke });
    await expectAllEnded(killing, story);
    const again = await signedIn(killing);
    await endAndExpectAll(killing, again);
  },
});

async function subjectOf({ world }: Parameters<Flow['run']>[0], sid: string): Promise<string> {
  const [row] = await world.stand.database.query<{ sub: string }>('SELECT sub FROM session.session WHERE sid = $1', [sid]);
  return row?.sub ?? '';
}

export const END_FLOWS: readonly Flow[] = [
  endFlow,
  relayFlow,
  deliverFlow,
  cascadeFlow,
  reapFlow,
  logoutFlow,
  changeFlow('auth', { 'auth.change.after-commit': 'after', 'auth.change.after-confirm': 'after' }, ['auth.change.after-commit']),
  changeFlow('session', { 'session.signal.after-generation': 'before', 'session.signal.after-commit': 'after' }, []),
  changeFlow('token', { 'token.cascade.before-commit': 'before', 'token.cascade.after-commit': 'after' }, []),
];
