import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '#libs/testing';
import { aliveAt, deadAt, PATIENT, signedIn } from '../ends/life.js';
import { startWorld, type World } from '../world.js';
import { lanyardAt } from './operators-terminal.js';

jest.setTimeout(180_000);

/** Each act of the command line once, through a process of its own: what it did is looked for where it counts, not in what it printed. */
let world: World;
const folder = mkdtempSync(join(tmpdir(), 'lanyard-cli-'));
beforeAll(async () => {
  world = await startWorld({ settings: PATIENT });
}, 360_000);
afterAll(async () => {
  await world?.close();
  rmSync(folder, { recursive: true, force: true });
});

const lanyard = (...args: string[]) => lanyardAt(world.stand.issuer).run(args);
const json = <T>(...args: string[]): Promise<T> => lanyardAt(world.stand.issuer).json<T>(...args);
const typed = (input: string, ...args: string[]) => lanyardAt(world.stand.issuer).run(args, { input });
const file = (name: string, content: object): string => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
};

describe('one client of a session', () => {
  it('is cut out of it; the session and its other clients go on', async () => {
    const life = await signedIn(world);
    const book = await world.tokensFor(life.agent, world.book, 'openid photos:read online_access');
    expect(await json('sessions', 'end-client', life.sid, 'photo-book')).toMatchObject({ ended: true, confirmed: true });
    expect((await world.raw('photo-book').refresh(book.refresh_token)).body.error).toBe('invalid_grant');
    await aliveAt(world, 'photo-shop', life.online);
  });
});

describe('grants', () => {
  it('are shown one by one, and revoked together by what is named', async () => {
    const life = await signedIn(world);
    const [grant] = await json<{ gid: string }[]>('grants', 'list', '--sid', life.sid);
    expect(await json('grants', 'show', grant?.gid ?? '')).toMatchObject({ gid: grant?.gid, sub: life.sub });
    expect((await lanyard('grants', 'revoke-all')).code).toBe(2);
    const { revoked } = await json<{ revoked: number }>('grants', 'revoke-all', '--user', life.sub);
    expect(revoked).toBeGreaterThanOrEqual(2);
    await deadAt(world, 'photo-shop', life.online);
    await deadAt(world, 'photo-backup', life.offline);
    expect(await json('sessions', 'show', life.sid)).toMatchObject({ state: 'active' });
  });
});

describe('keys', () => {
  const active = async () => (await json<{ kid: string }[]>('keys', 'list', '--line', 'signing:RS256', '--state', 'active'))[0]?.kid;

  it('are rotated without harm, and revoked with all that is under them', async () => {
    const life = await signedIn(world);
    const before = (await active()) ?? '';
    const rotated = await json<{ pending: string | null }>('keys', 'rotate', 'signing:RS256');
    expect(rotated.pending).not.toBe(before);
    await aliveAt(world, 'photo-shop', life.online);
    expect(await json('keys', 'revoke', before)).toMatchObject({ revoked: true, confirmed: true });
    expect(await active()).not.toBe(before);
    expect(await lanyard('keys', 'revoke', 'no-such-key')).toMatchObject({ code: 1, err: expect.stringMatching(/404/) });
  });
});

describe('users', () => {
  it('are shown, given a new password, lose a consent, and lose everything', async () => {
    const life = await signedIn(world);
    expect(await json('users', 'show', life.sub)).toMatchObject({ username: 'jane', disabled: false });
    const consents = await json<{ client_id: string }[]>('users', 'consents', life.sub);
    expect(consents.map(({ client_id }) => client_id)).toContain('photo-backup');
    expect(await json('users', 'revoke-consent', life.sub, 'photo-backup')).toMatchObject({ revoked: true, confirmed: true });
    await deadAt(world, 'photo-backup', life.offline);
    await aliveAt(world, 'photo-shop', life.online);
    expect(await json('users', 'revoke-all', life.sub)).toMatchObject({ confirmed: true });
    await deadAt(world, 'photo-shop', life.online);
  });

  it('are kept out from one command to the other', async () => {
    const made = await typed('a long enough password\n', 'users', 'create', 'ada', '--json');
    const { sub } = JSON.parse(made.out) as { sub: string };
    const changed = await typed('another long password\n', 'users', 'set-password', sub);
    expect({ code: changed.code, err: changed.err }).toEqual({ code: 0, err: '' });
    expect(changed.out).not.toContain('another long password');
    expect(await json('users', 'disable', sub)).toMatchObject({ confirmed: true });
    expect(await json('users', 'show', sub)).toMatchObject({ disabled: true });
    expect(await json('users', 'enable', sub)).toMatchObject({ confirmed: true });
    expect(await json('users', 'show', sub)).toMatchObject({ disabled: false });
  });
});

describe('clients', () => {
  it('are registered, shown, changed, given a second secret and relieved of it, disabled and enabled', async () => {
    const client_id = 'report-writer';
    const registration = { client_id, grant_types: ['client_credentials'], scope: 'photos:read', client_name: 'Reports' };
    const made = await json<{ client_secret: string }>('clients', 'create', file('report.json', registration));
    expect(made.client_secret.length).toBeGreaterThanOrEqual(32);
    expect(await json('clients', 'change', client_id, '--file', file('name.json', { client_name: 'Weekly reports' }))).toBeDefined();
    const shown = await json<Record<string, unknown>>('clients', 'show', client_id);
    expect(JSON.stringify(shown)).toContain('Weekly reports');
    expect(JSON.stringify(shown)).not.toContain(made.client_secret);
    const second = await json<{ secret_id: string; client_secret: string }>('clients', 'add-secret', client_id);
    await json('clients', 'remove-secret', client_id, second.secret_id);
    expect(await json('clients', 'disable', client_id)).toMatchObject({ confirmed: true });
    const off = await json<{ client_id: string }[]>('clients', 'list', '--disabled');
    expect(off.map((client) => client.client_id)).toContain(client_id);
    expect(await json('clients', 'enable', client_id)).toMatchObject({ confirmed: true });
  });

  it.each([
    ['a file that is not there', () => ['clients', 'create', join(folder, 'nothing.yaml')], 2, /can't be read/],
    ['a file without a map', () => ['clients', 'create', file('list.json', [])], 2, /not a map/],
    ['metadata that breaks a rule', () => ['clients', 'create', file('bad.json', { client_id: 'x', redirect_uris: ['no uri'] })], 1, /400/],
  ])('%s is refused in one sentence', async (_, args, code, sentence) => {
    expect(await lanyard(...args())).toMatchObject({ code, out: '', err: expect.stringMatching(sentence) });
  });
});

describe('dead letters', () => {
  const letter = async (event_id: string | null, pseq: number, reason = 'admin'): Promise<string> => {
    const body = JSON.stringify({ sid: 'nobody', sub: 'nobody', reason, initiated_by: 'admin', ended_at: 1, end_id: 'e1' });
    const [row] = await world.stand.database.query<{ id: string }>(
      `INSERT INTO token.dead_letter (source, stream, partition, pseq, event_id, key, name, version, body, recorded_at, reason, error, tries, at)
       VALUES ('session', 'events', 0, $1, $2::text, 'nobody', CASE WHEN $2::text IS NOT NULL THEN 'SessionEnded' END, 1, $3, now(), 'handler_failed', 'x', 6, now())
       RETURNING id`,
      [pseq, event_id, body],
    );
    return String(row?.id);
  };

  it('are listed and replayed; the exit code says whether the handler took it', async () => {
    const [whole, hole] = [await letter('event-of-the-cli', 910_001), await letter(null, 910_002)];
    const open = async () => (await json<{ id: number }[]>('dead-letters', 'token', '--open')).map(({ id }) => String(id));
    expect(await open()).toEqual(expect.arrayContaining([whole, hole]));
    expect(await json('dead-letters', 'replay', 'token', whole)).toMatchObject({ replayed: true });
    expect(await open()).not.toContain(whole);
    expect(await lanyard('dead-letters', 'replay', 'token', hole)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/nothing to hand over/),
    });
  });

  it('are replayed all at once; one whose handler fails stays open, and is said with its reason', async () => {
    for (let n = 1; n <= 201; n++) await letter(`one-of-many-${n}`, 920_000 + n);
    const bad = await letter('bad-one', 920_500, 'nonsense');
    const { code, out } = await lanyard('dead-letters', 'replay-all', 'token', '--json');
    const said = JSON.parse(out) as { replayed: number; failed: { id: number }[] };
    expect([code, said.replayed, said.failed.map(({ id }) => String(id))]).toEqual([1, 201, [bad]]);
    const open = await json<{ id: number; name: string | null }[]>('dead-letters', 'token', '--open');
    expect(open.filter(({ name }) => name !== null).map(({ id }) => String(id))).toEqual([bad]);
    await world.stand.database.query('DELETE FROM token.dead_letter WHERE id = $1', [bad]);
    expect(await lanyard('dead-letters', 'replay-all', 'token')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^0 replayed, 0 not/),
    });
    expect(await lanyard('dead-letters', 'replay-all', 'auth')).toMatchObject({ code: 2, err: expect.stringMatching(/session and token/) });
  });

  it('are closed with a reason, and are open no more; a second time is said', async () => {
    const hole = await letter(null, 930_001);
    const close = (...more: string[]) => lanyard('dead-letters', 'close', 'token', hole, ...more);
    for (const more of [[], ['--reason', ' ']]) {
      expect(await close(...more)).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/--reason/) });
    }
    expect(await json('dead-letters', 'close', 'token', hole, '--reason', 'lost')).toEqual({ id: Number(hole), closed: true, error: null });
    expect(await close('--reason', 'lost')).toMatchObject({ code: 1, out: expect.stringMatching(/closed before/) });
    const ids = async (...more: string[]) => (await json<{ id: number }[]>('dead-letters', 'token', ...more)).map(({ id }) => String(id));
    expect([(await ids('--open')).includes(hole), (await ids('--all')).includes(hole)]).toEqual([false, true]);
    expect((await lanyard('dead-letters', 'token', '--limit', '1')).out).toMatch(/CLOSED_AT +CLOSE_REASON\n.* lost\n/);
    expect((await lanyard('audit', 'token', '--target', hole)).out).toMatch(/dead_letter\.closed +\d+ +lost/);
  });

  it.each([
    [['token', '424242'], 1, /no such dead letter/],
    [['token', 'foo'], 2, /not the number/],
    [['auth', '1'], 2, /session and token/],
    [['token'], 2, /Usage/],
  ])('closing %j exits with %i', async (names, code, sentence) => {
    const { code: exited, out, err } = await lanyard('dead-letters', 'close', ...names, '--reason', 'lost');
    expect([exited, out + err]).toEqual([code, expect.stringMatching(sentence)]);
  });

  it.each([
    [['token', '424242'], 1, /no dead letter 424242/],
    [['token', 'foo'], 2, /not the number/],
    [['auth', '1'], 2, /session and token/],
    [['token', ''], 2, /a name is empty/],
  ])('replaying %j exits with %i', async (names, code, sentence) => {
    expect(await lanyard('dead-letters', 'replay', ...names)).toMatchObject({ code, err: expect.stringMatching(sentence) });
  });
});

describe('unread events', () => {
  const moved = async (n: number) => {
    const body = JSON.stringify({ sid: 'nobody', sub: 'nobody', reason: 'admin', initiated_by: 'admin', ended_at: 1, end_id: 'e1' });
    await world.stand.database.query(
      "INSERT INTO session.outbox_dead_letter VALUES ('token', 'events', 0, $1, $2, 'nobody', 'SessionEnded', 1, $3, now(), now())",
      [n, `unread-${n}`, body],
    );
  };
  const handled = async () => {
    const rows = await world.stand.database.query(
      "SELECT event_id FROM token.handled_event WHERE event_id LIKE 'unread-%' ORDER BY event_id",
    );
    return rows.map(({ event_id }) => event_id);
  };
  const list = async () => (await json<{ event_id: string }[]>('unread-events', 'session')).map(({ event_id }) => event_id);

  it('are listed, and reach their reader when one or all are replayed', async () => {
    for (const n of [1, 2, 3]) await moved(n);
    expect(await list()).toEqual(['unread-1', 'unread-2', 'unread-3']);
    expect(await lanyard('unread-events', 'replay', 'session', 'unread-2')).toMatchObject({ code: 0 });
    await until(async () => (await handled()).length === 1, { what: 'one handled', timeoutMs: 60_000 });
    expect([await handled(), await list()]).toEqual([['unread-2'], ['unread-1', 'unread-3']]);
    expect(await json('unread-events', 'replay-all', 'session')).toEqual({ replayed: ['unread-1', 'unread-3'] });
    await until(async () => (await handled()).length === 3, { what: 'all handled', timeoutMs: 60_000 });
    expect(await list()).toEqual([]);
    const { code, out } = await lanyard('audit', 'session', '--action', 'unread_event.replayed');
    expect([code, ['unread-1', 'unread-2', 'unread-3'].filter((id) => !out.includes(id))]).toEqual([0, []]);
  });

  it.each([
    [['replay', 'session', 'unread-9'], 1, /no unread event unread-9/],
    [['replay-all', 'token'], 2, /auth and session/],
  ])('%j exits with %i', async (names, code, sentence) => {
    expect(await lanyard('unread-events', ...names)).toMatchObject({ code, err: expect.stringMatching(sentence) });
  });
});

describe('logout deliveries', () => {
  it('that were given up are found and made due again, one and all', async () => {
    const lives = [await signedIn(world), await signedIn(world), await signedIn(world)];
    for (const { sid } of lives) await json('sessions', 'end', sid);
    await until(async () => (await world.openDeliveries()) === 0, { what: 'all are told' });
    const sids = lives.map(({ sid }) => sid);
    await world.stand.database.query(`UPDATE session.delivery SET state = 'dead', reason = 'http_400' WHERE sid = ANY($1)`, [sids]);
    const dead = () => json<{ delivery_id: number; client_id: string }[]>('deliveries', 'list', '--state', 'dead', '--all');
    const found = await dead();
    expect(found.length).toBeGreaterThanOrEqual(3);
    expect(await json('deliveries', 'replay', String(found[0]?.delivery_id))).toMatchObject({ state: 'pending' });
    expect(await json('deliveries', 'replay-all')).toMatchObject({ replayed: found.length - 1 });
    await until(async () => (await world.openDeliveries()) === 0, { what: 'all are told again' });
    expect(await dead()).toEqual([]);
    expect((await lanyard('deliveries', 'replay', '424242')).code).toBe(1);
  });
});

describe('an end that not every process has confirmed', () => {
  let silent: Server;
  beforeAll(async () => {
    silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    await world.stand.database.query(
      `INSERT INTO session.view (view_id, address, service, lease_until) VALUES ('silent', $1, 'introspect', lanyard.now() + interval '1 hour')`,
      [address],
    );
  });
  afterAll(async () => {
    await world.stand.database.query("DELETE FROM session.view WHERE view_id = 'silent'");
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
  });

  it('has an exit code of its own: it is done and durable', async () => {
    const life = await signedIn(world);
    const { code, out } = await lanyard('sessions', 'end', life.sid);
    expect({ code, out }).toEqual({ code: 5, out: expect.stringMatching(/ended +true[\s\S]*confirmed +false/) });
    await deadAt(world, 'photo-shop', life.online);
  });
});
