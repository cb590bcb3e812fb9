import { claimsOf, STORY, TokenWorld } from './token-world.js';

let world: TokenWorld;
beforeAll(async () => {
  world = await TokenWorld.start({
    clients: [
      { client_id: 'photo-book', rotate_refresh_tokens: false },
      { client_id: 'photo-backup', refresh_grace: 0 },
    ],
  });
}, 180_000);
afterAll(() => world?.stop());
afterEach(async () => {
  world.gate.releaseAll();
  await world.time.reset();
});

const refused = { status: 400, body: { error: 'invalid_grant' } };
const reasonOf = async (sid: string) => (await world.grant(sid)).revoke_reason;
const audited = (target: string) =>
  world.rows("SELECT actor, reason, details FROM token.audit WHERE action = 'grants.revoked' AND target = $1", [target]);
const seqOf = async (sid: string) => Number((await world.grant(sid)).refresh_seq);
const VIEWER = {
  client_id: 'photo-viewer',
  redirect_uri: 'http://localhost:4090/callback',
  scope: ['openid', 'photos:read', 'online_access'],
};

describe('a refresh', () => {
  it('rotates, and its ID token keeps iss, sub, aud, sid and auth_time but no nonce (OIDC Core §12.2)', async () => {
    const first = await world.tokens();
    const { status, body } = await world.refresh(first.refresh_token);
    expect(status).toBe(200);
    expect(body.refresh_token).not.toBe(first.refresh_token);
    const [before, after] = [claimsOf(first.id_token), claimsOf(String(body.id_token))];
    for (const name of ['iss', 'sub', 'aud', 'sid', 'auth_time']) expect(after[name]).toEqual(before[name]);
    expect(after.nonce).toBeUndefined();
  });

  it('narrows this access token, never the grant, and never widens', async () => {
    const { refresh_token } = await world.tokens();
    expect((await world.refresh(refresh_token, { scope: 'photos:read photos:write' })).body).toEqual({
      error: 'invalid_scope',
      error_description: "The scope 'photos:write' was not granted.",
    });
    const narrow = await world.refresh(refresh_token, { scope: 'photos:read' });
    expect(narrow.body).toMatchObject({ scope: 'photos:read' });
    expect(narrow.body.id_token).toBeUndefined();
    expect((await world.refresh(String(narrow.body.refresh_token))).body.scope).toBe('openid photos:read online_access');
  });

  it('by another client is refused and changes nothing', async () => {
    const { refresh_token, sid } = await world.tokens();
    expect(await world.refresh(refresh_token, {}, 'photo-book')).toMatchObject(refused);
    expect(await reasonOf(sid)).toBeNull();
    expect((await world.refresh(refresh_token)).status).toBe(200);
  });

  it('with a token that was altered anywhere is refused', async () => {
    const { refresh_token } = await world.tokens();
    for (const index of [20, 40, refresh_token.length - 2]) {
      const other = refresh_token[index] === 'A' ? 'B' : 'A';
      expect(await world.refresh(refresh_token.slice(0, index) + other + refresh_token.slice(index + 1))).toMatchObject(refused);
    }
    expect(await world.refresh(refresh_token.slice(0, -1))).toMatchObject(refused);
  });

  it('loses a scope that its client lost, and dies with the scope it stands on (Keycloak CVE-2025-12110)', async () => {
    const { refresh_token } = await world.tokens();
    const before = world.auth.clients.get('photo-shop');
    const lose = (name: string) =>
      world.changeClient('photo-shop', (record) => ({ ...record, scopes: record.scopes.filter((scope) => scope.name !== name) }));
    await lose('photos:read');
    const less = await world.refresh(refresh_token);
    await lose('online_access');
    const none = await world.refresh(String(less.body.refresh_token));
    await world.changeClient('photo-shop', (record) => before ?? record);
    expect(less.body.scope).toBe('openid online_access');
    expect(none).toMatchObject(refused);
    expect((await world.refresh(String(less.body.refresh_token))).status).toBe(200);
  });

  it('without rotation uses the same token again and again, and is given no other', async () => {
    const { refresh_token, sid } = await world.tokens({ client_id: 'photo-book' });
    for (let times = 0; times < 3; times++) {
      const { status, body } = await world.refresh(refresh_token, {}, 'photo-book');
      expect(status).toBe(200);
      expect(body.refresh_token).toBeUndefined();
    }
    expect(await seqOf(sid)).toBe(1);
  });
});

describe('race 6: a lost response', () => {
  it('as long as its session lives, a confidential client gets the same successor', async () => {
    const { refresh_token, sid } = await world.tokens();
    const first = await world.refresh(refresh_token);
    await world.time.advance(25 * 60_000);
    const again = await world.refresh(refresh_token);
    expect(again.body.refresh_token).toBe(first.body.refresh_token);
    expect(await seqOf(sid)).toBe(2);
  });

  it.each([
    [29_999, 200],
    [30_001, 400],
  ])('%i ms later, a public client is answered %i', async (later, status) => {
    const { refresh_token, sid } = await world.tokens(VIEWER);
    await world.refresh(refresh_token, {}, 'photo-viewer');
    const { rotated_at } = await world.grant(sid);
    await world.time.freezeAt((rotated_at as Date).getTime() + later);
    expect((await world.refresh(refresh_token, {}, 'photo-viewer')).status).toBe(status);
    expect(await reasonOf(sid)).toBe(status === 200 ? null : 'refresh_replay');
  });

  it('a public client may repeat three times after the burst; the fourth is a replay', async () => {
    const { refresh_token, sid } = await world.tokens(VIEWER);
    const first = await world.refresh(refresh_token, {}, 'photo-viewer');
    await world.refresh(refresh_token, {}, 'photo-viewer');
    await world.time.advance(5_000);
    for (let times = 0; times < 3; times++) {
      expect((await world.refresh(refresh_token, {}, 'photo-viewer')).body.refresh_token).toBe(first.body.refresh_token);
    }
    expect(await world.refresh(refresh_token, {}, 'photo-viewer')).toMatchObject(refused);
    expect(await reasonOf(sid)).toBe('refresh_replay');
  });

  it('with refresh_grace 0 any second use is a replay, for a confidential client too', async () => {
    const { refresh_token, sid } = await world.tokens({ client_id: 'photo-backup' });
    const first = await world.refresh(refresh_token, {}, 'photo-backup');
    expect(await world.refresh(refresh_token, {}, 'photo-backup')).toMatchObject(refused);
    expect(await world.refresh(String(first.body.refresh_token), {}, 'photo-backup')).toMatchObject(refused);
    expect(await reasonOf(sid)).toBe('refresh_replay');
  });

  it('after the successor was used it is a replay: the family dies, audited, and the session lives', async () => {
    const { refresh_token, sid, access_token } = await world.tokens();
    const second = await world.refresh(refresh_token);
    await world.refresh(String(second.body.refresh_token));
    expect(await world.refresh(refresh_token)).toMatchObject(refused);
    const { gid } = await world.grant(sid);
    expect(await world.rows('SELECT action FROM token.audit WHERE target = $1 ORDER BY id', [gid])).toEqual(
      expect.arrayContaining([{ action: 'grant.revoked' }, { action: 'refresh.replayed' }]),
    );
    expect(access_token).toBeTruthy();
    expect(await world.rows('SELECT state FROM session.session WHERE sid = $1', [sid])).toEqual([{ state: 'active' }]);
  });

  it('a number ahead of the row is fast-forwarded, audited, and no replay', async () => {
    const { refresh_token, sid } = await world.tokens();
    const second = await world.refresh(refresh_token);
    const third = await world.refresh(String(second.body.refresh_token));
    await world.rows('UPDATE token.grants SET refresh_seq = 1, rotated_at = NULL WHERE sid = $1', [sid]);
    expect((await world.refresh(String(third.body.refresh_token))).status).toBe(200);
    expect(await seqOf(sid)).toBe(4);
    expect(await world.rows("SELECT details FROM token.audit WHERE action = 'refresh.fast_forward'")).toEqual([
      { details: { client_id: 'photo-shop', presented: 3, current: 1 } },
    ]);
  });

  it.each(['photo-shop', 'photo-viewer'])(
    'race 5: a thousand uses at once give one successor (%s)',
    async (client) => {
      const { refresh_token, sid } = await world.tokens(client === 'photo-viewer' ? VIEWER : {});
      const answers = await Promise.all(Array.from({ length: 1_000 }, () => world.refresh(refresh_token, {}, client)));
      const given = answers.filter(({ status }) => status === 200);
      expect(given.length).toBeGreaterThan(0);
      expect(new Set(given.map(({ body }) => body.refresh_token)).size).toBe(1);
      // Truth has 500 ms; where a thousand at once overload the machine, some are told to come back.
      expect(answers.every(({ status }) => status === 200 || status === 503)).toBe(true);
      expect(await seqOf(sid)).toBe(2);
      expect(await reasonOf(sid)).toBeNull();
    },
    60_000,
  );
});

describe('a session and its refreshes', () => {
  it.each(['after-truth', 'after-classify', 'after-rotate', 'after-touch', 'before-mint', 'before-answer'])(
    'race 1: ended while the refresh is held at %s, nothing comes of it',
    async (place) => {
      const { refresh_token, sid } = await world.tokens();
      const held = world.gate.hold(`token.refresh.${place}`);
      const answer = world.refresh(refresh_token);
      await held.reached;
      expect(await world.end(sid)).toMatchObject({ ended: true, confirmed: true });
      held.release();
      expect(await answer).toMatchObject(refused);
      expect(await world.refresh(refresh_token)).toMatchObject(refused);
    },
  );

  it('race 7: ended within the grace, the retry is invalid_grant', async () => {
    const { refresh_token, sid } = await world.tokens();
    await world.refresh(refresh_token);
    await world.end(sid);
    expect(await world.refresh(refresh_token)).toMatchObject(refused);
    expect(await reasonOf(sid)).not.toBe('refresh_replay');
  });

  it('a refresh is activity, and its tokens end with the session’s new deadline', async () => {
    const { refresh_token, sid } = await world.tokens();
    await world.time.advance(29 * 60_000);
    const { body } = await world.refresh(refresh_token);
    expect(body.expires_in).toBe(300);
    const [session] = await world.rows<{ left: number }>(
      'SELECT extract(epoch FROM idle_deadline - lanyard.now())::int AS left FROM session.session WHERE sid = $1',
      [sid],
    );
    expect(session?.left).toBeGreaterThan(29 * 60);
  });

  it('an access token never outlives its session’s deadline', async () => {
    const { refresh_token, sid } = await world.tokens();
    await world.rows(
      "UPDATE session.session SET absolute_deadline = lanyard.now() + interval '90 seconds', idle_deadline = lanyard.now() + interval '90 seconds' WHERE sid = $1",
      [sid],
    );
    const { body } = await world.refresh(refresh_token);
    expect(Number(body.expires_in)).toBeLessThanOrEqual(90);
    expect(Number(body.expires_in)).toBeGreaterThan(80);
  });

  it('a session service that does not answer: 503, nothing rotated, and the retry works', async () => {
    const { refresh_token, sid } = await world.tokens();
    await world.services.stopOne('session');
    expect(await world.refresh(refresh_token)).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    await world.services.startAll(['session']);
    await world.services.world.ready('token');
    expect(await seqOf(sid)).toBe(1);
    expect((await world.refresh(refresh_token)).status).toBe(200);
  }, 180_000);

  it('a touch without an answer: 503 after the rotation, and the retry is a lost response', async () => {
    const { refresh_token, sid } = await world.tokens();
    await world.time.advance(5 * 60_000);
    await world.services.world.ready('token');
    const held = world.gate.hold('token.refresh.after-rotate');
    const refreshing = world.refresh(refresh_token);
    await held.reached;
    await world.services.stopOne('session');
    held.release();
    expect(await refreshing).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    await world.services.startAll(['session']);
    await world.services.world.ready('token');
    const retry = await world.refresh(refresh_token);
    expect(retry.status).toBe(200);
    expect(await seqOf(sid)).toBe(2);
    expect((await world.refresh(String(retry.body.refresh_token))).status).toBe(200);
  }, 180_000);

  it('an end between rotation and touch: invalid_grant', async () => {
    const { refresh_token, sid } = await world.tokens();
    await world.time.advance(5 * 60_000);
    const held = world.gate.hold('token.refresh.after-rotate');
    const refreshing = world.refresh(refresh_token);
    await held.reached;
    await world.end(sid);
    held.release();
    expect(await refreshing).toMatchObject(refused);
  });

  it('the cascade retires the online grants of an ended session, and emits nothing', async () => {
    const { sid } = await world.tokens();
    await world.end(sid);
    await world.until(async () => (await reasonOf(sid)) === 'session_ended');
    const { gid } = await world.grant(sid);
    expect(await world.rows('SELECT name FROM token.outbox WHERE key = $1', [gid])).toEqual([]);
    const [ended] = await world.rows('SELECT end_id FROM session.session WHERE sid = $1', [sid]);
    expect(await audited(sid)).toEqual([{ actor: 'user', reason: 'logout', details: { count: 1, end_id: ended?.end_id } }]);
  });

  it('of an event of the version before, which names nobody, the audit has the kind of who it was', async () => {
    const { sid } = await world.tokens({ sub: 'jane' });
    const body = { sid, sub: 'jane', reason: 'risk', initiated_by: 'policy', ended_at: 1, end_id: 'an-end' };
    await world.rows(
      `INSERT INTO session.outbox (stream, partition, key, name, version, body, event_id, created_at)
       SELECT stream, partition, $1, 'SessionEnded', 1, $2, gen_random_uuid(), lanyard.now() FROM session.outbox WHERE stream = 'events' LIMIT 1`,
      [sid, JSON.stringify(body)],
    );
    await world.until(async () => (await reasonOf(sid)) === 'session_ended');
    expect(await audited(sid)).toEqual([{ actor: 'policy', reason: 'risk', details: { count: 1, end_id: 'an-end' } }]);
  });
});

describe('offline', () => {
  const OFFLINE = { client_id: 'photo-backup', access_mode: 'offline', scope: ['openid', 'photos:read', 'offline_access'] } as const;
  const offline = () => world.tokens({ ...OFFLINE, scope: [...OFFLINE.scope] });

  it('needs no session, and dies of thirty days without use', async () => {
    const { refresh_token, sid } = await offline();
    await world.end(sid);
    await world.time.advance(29 * 86_400_000);
    await world.services.world.ready('token');
    const used = await world.refresh(refresh_token, {}, 'photo-backup');
    expect(used.status).toBe(200);
    await world.time.advance(31 * 86_400_000);
    await world.services.world.ready('token');
    expect(await world.refresh(String(used.body.refresh_token), {}, 'photo-backup')).toMatchObject(refused);
  });

  it('of a disabled subject is over, also when only the event has arrived, and stays so', async () => {
    const { refresh_token, sid } = await world.tokens({ ...OFFLINE, scope: [...OFFLINE.scope], sub: 'john' });
    await world.auth.subjectChanged('john', 1, 'disabled', false);
    await world.until(async () => (await reasonOf(sid)) === 'subject_changed');
    expect(await audited('john')).toEqual([{ actor: 'policy', reason: 'subject_disabled', details: { count: 1, gen: 1 } }]);
    await world.auth.subjectChanged('john', 2, 'enabled', false);
    expect(await world.refresh(refresh_token, {}, 'photo-backup')).toMatchObject(refused);
  });

  it('race 17: of a subject that the view refuses, before any event was handled', async () => {
    const { refresh_token } = await world.tokens({ ...OFFLINE, scope: [...OFFLINE.scope], sub: 'mary' });
    await world.auth.subjectChanged('mary', 1, 'updated');
    await world.until(async () => (await world.refresh(refresh_token, {}, 'photo-backup')).status === 400);
  });
});

describe('client credentials', () => {
  it('are CPU only: no grant row, generations of the client alone, no refresh token', async () => {
    const before = await world.rows('SELECT count(*)::int AS n FROM token.grants');
    const { body } = await world.post('/token', { grant_type: 'client_credentials', scope: 'prints:order' }, 'print-press');
    expect(body.refresh_token).toBeUndefined();
    expect(claimsOf(String(body.access_token))).toMatchObject({
      aud: STORY.printsApi,
      sub: 'print-press',
      gen: [0, 0],
      scope: 'prints:order',
    });
    expect(await world.rows('SELECT count(*)::int AS n FROM token.grants')).toEqual(before);
  });

  it.each([
    ['a scope it has not', { scope: 'photos:write' }, 'invalid_scope'],
    ['a scope that speaks of a user', { scope: 'openid' }, 'invalid_scope'],
    ['a resource of nobody', { resource: 'https://elsewhere.example' }, 'invalid_target'],
  ])('%s: refused', async (_what, extra, error) => {
    expect((await world.post('/token', { grant_type: 'client_credentials', ...extra }, 'print-press')).body.error).toBe(error);
  });

  it('of a disabled client fail as its authentication does', async () => {
    await world.auth.change('print-press', (record) => ({ ...record, disabled: true, gen: 1 }), 'disabled');
    const ask = () => world.post('/token', { grant_type: 'client_credentials' }, 'print-press');
    await world.until(async () => (await ask()).status === 401);
    await world.auth.change('print-press', (record) => ({ ...record, disabled: false, gen: 2 }), 'enabled');
    const { body } = await world.until(async () => {
      const answer = await ask();
      return answer.status === 200 && answer;
    });
    expect(body.token_type).toBe('Bearer');
  });
});
