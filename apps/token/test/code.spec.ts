import { tokenApi } from '#libs/contracts';
import { claimsOf, REDIRECT, STORY, TokenWorld } from './token-world.js';

let world: TokenWorld;
beforeAll(async () => {
  world = await TokenWorld.start();
}, 180_000);
afterAll(() => world?.stop());
afterEach(async () => {
  world.gate.releaseAll();
  await world.time.reset();
});

const refused = { status: 400, body: { error: 'invalid_grant' } };
const revoked = async (sid: string) => (await world.grant(sid)).revoke_reason;

describe('exchanging a code', () => {
  it('gives one token set, and says so to nobody’s cache', async () => {
    const sid = await world.signIn();
    const answer = await world.exchange(await world.code({ sid }));
    expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 300, scope: 'openid photos:read online_access' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body.access_token).toMatch(/^lanyard_at_/);
    expect(answer.body.refresh_token).toMatch(/^lanyard_rt_/);
    const id = claimsOf(String(answer.body.id_token));
    expect(id).toMatchObject({ aud: 'photo-shop', sub: 'jane', sid, nonce: 'n-0S6', amr: ['pwd'], iss: world.services.world.issuer });
    const participants = await world.rows('SELECT client_id FROM session.participant WHERE sid = $1', [sid]);
    expect(participants).toEqual([{ client_id: 'photo-shop' }]);
    expect(await world.rows("SELECT action FROM token.audit WHERE action = 'grant.created'")).not.toHaveLength(0);
  });

  it('keeps no code, token or verifier in any table', async () => {
    const code = await world.code();
    const { body } = await world.exchange(code);
    const tables = await world.rows<{ t: string }>(
      "SELECT format('%I.%I', schemaname, tablename) AS t FROM pg_tables WHERE schemaname = 'token'",
    );
    for (const { t } of tables) {
      const dump = JSON.stringify(await world.rows(`SELECT * FROM ${t}`));
      for (const secret of [code, body.access_token, body.refresh_token, body.id_token]) expect(dump).not.toContain(String(secret));
    }
  });

  it('gives a JWT for an API that wants one, typed at+jwt (RFC 9068 §2.1)', async () => {
    const { body } = await world.exchange(await world.code({ scope: ['prints:order', 'online_access'] }));
    const header = JSON.parse(Buffer.from(String(body.access_token).split('.')[0] ?? '', 'base64url').toString()) as object;
    expect(header).toMatchObject({ typ: 'at+jwt', alg: 'ES256' });
    expect(claimsOf(String(body.access_token))).toMatchObject({ aud: STORY.printsApi, client_id: 'photo-shop', gen: [0, 0] });
    expect(body.id_token).toBeUndefined();
  });

  it('narrows to a resource, and refuses one beyond the grant without using up the code', async () => {
    const code = await world.code({ scope: ['openid', 'photos:read', 'prints:order', 'online_access'] });
    expect((await world.exchange(code, { resource: 'https://elsewhere.example' })).body.error).toBe('invalid_target');
    const { body } = await world.exchange(code, { resource: STORY.printsApi });
    expect(body.scope).toBe('openid prints:order online_access');
    expect(claimsOf(String(body.access_token)).aud).toBe(STORY.printsApi);
  });

  it.each([
    ['another redirect URI', { redirect_uri: `${REDIRECT}x` }, 'photo-shop'],
    ['a wrong verifier', { code_verifier: 'x'.repeat(43) }, 'photo-shop'],
    ['another client', {}, 'photo-book'],
  ])('with %s is refused and leaves the code usable', async (_what, extra, client) => {
    const code = await world.code();
    expect(await world.exchange(code, extra, client)).toMatchObject(refused);
    expect((await world.exchange(code)).status).toBe(200);
  });

  it('has five tries', async () => {
    const code = await world.code();
    for (let tries = 0; tries < 5; tries++) await world.exchange(code, { code_verifier: 'x'.repeat(43) });
    expect(await world.exchange(code)).toMatchObject(refused);
  });

  it('is refused after the code’s lifetime', async () => {
    const code = await world.code();
    await world.time.advance(60_001);
    expect(await world.exchange(code)).toMatchObject(refused);
  });

  it.each(['lanyard_ac_short', 'nonsense', 'lanyard_ac_'.padEnd(54, 'x')])('refuses what is not a code of ours: %s', async (code) => {
    expect(await world.exchange(code)).toMatchObject(refused);
  });

  it('a second time by the right party revokes what the first got', async () => {
    const sid = await world.signIn();
    const code = await world.code({ sid });
    const first = await world.exchange(code);
    expect(await world.exchange(code)).toMatchObject(refused);
    expect(await revoked(sid)).toBe('code_replay');
    expect(await world.refresh(String(first.body.refresh_token))).toMatchObject(refused);
  });

  it('a second time by anybody else harms nothing', async () => {
    const sid = await world.signIn();
    const code = await world.code({ sid });
    const first = await world.exchange(code);
    expect(await world.exchange(code, {}, 'photo-book')).toMatchObject(refused);
    expect(await world.exchange(code, { code_verifier: 'x'.repeat(43) })).toMatchObject(refused);
    expect(await revoked(sid)).toBeNull();
    expect((await world.refresh(String(first.body.refresh_token))).status).toBe(200);
  });

  it('a thousand times at once gives one token set, and that one revoked', async () => {
    const sid = await world.signIn();
    const code = await world.code({ sid });
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => world.exchange(code)));
    const kinds = new Set(answers.map(({ status, body }) => `${status} ${String(body.error ?? 'tokens')}`));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    // 503: a busy machine's pool had no connection for it in time
    const declared = ['200 tokens', '400 invalid_grant', '503 temporarily_unavailable'];
    expect([...kinds].filter((kind) => !declared.includes(kind))).toEqual([]);
    expect(await world.rows('SELECT gid FROM token.grants WHERE sid = $1', [sid])).toHaveLength(1);
    expect(await revoked(sid)).toBe('code_replay');
    expect(await world.rows('SELECT name FROM token.outbox WHERE key = (SELECT gid FROM token.grants WHERE sid = $1)', [sid])).toHaveLength(
      2,
    );
  }, 180_000);

  it('race 2: an end between truth and the grant leaves nothing that can be used', async () => {
    const sid = await world.signIn();
    const code = await world.code({ sid });
    const held = world.gate.hold('token.code.after-truth');
    const exchange = world.exchange(code);
    await held.reached;
    expect(await world.end(sid)).toMatchObject({ ended: true, confirmed: true });
    held.release();
    expect(await exchange).toMatchObject(refused);
    expect(await world.exchange(await world.code({ sid }))).toMatchObject(refused);
  });

  it('without an answer of the session service is a 503, and the code stays usable', async () => {
    const code = await world.code();
    await world.services.stopOne('session');
    expect(await world.exchange(code)).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    await world.services.startAll(['session']);
    await world.services.world.ready('token');
    expect((await world.exchange(code)).status).toBe(200);
  }, 180_000);
});

describe('what a code becomes', () => {
  it('mode none: no refresh token, and the access token still hangs from the session', async () => {
    const sid = await world.signIn();
    const { body } = await world.exchange(await world.code({ sid, access_mode: 'none', scope: ['prints:order'] }));
    expect(body.refresh_token).toBeUndefined();
    expect(claimsOf(String(body.access_token)).sid).toBe(sid);
  });

  it('offline: tokens without a sid, an ID token with it', async () => {
    const { body } = await world.exchange(
      await world.code({ client_id: 'photo-backup', access_mode: 'offline', scope: ['openid', 'offline_access'] }),
      {},
      'photo-backup',
    );
    expect(claimsOf(String(body.id_token)).sid).toEqual(expect.any(String));
    const { sid, access_mode } =
      (await world.rows<{ sid: string; access_mode: string }>('SELECT * FROM token.grants ORDER BY created_at DESC LIMIT 1'))[0] ?? {};
    expect(access_mode).toBe('offline');
    await world.end(String(sid));
    expect((await world.refresh(String(body.refresh_token), {}, 'photo-backup')).status).toBe(200);
  });

  it('a client that lost the refresh_token grant gets none, and its scope says so', async () => {
    await world.changeClient('photo-shop', (record) => ({
      ...record,
      metadata: { ...record.metadata, grant_types: ['authorization_code'] },
    }));
    const { body } = await world.exchange(await world.code());
    expect(body.refresh_token).toBeUndefined();
    expect(body.scope).toBe('openid photos:read');
    await world.changeClient('photo-shop', (record) => ({
      ...record,
      metadata: { ...record.metadata, grant_types: ['authorization_code', 'refresh_token'] },
    }));
  });

  it('revokeGrants by consent is true before it answers, and a repeated call too', async () => {
    const { refresh_token } = await world.tokens({ consent_id: 'consent-1' });
    const revoke = () =>
      world.services.world.call('auth', tokenApi.revokeGrants, { by: { consent_id: 'consent-1' }, reason: 'consent_revoked' });
    expect(await revoke()).toEqual({ revoked: 1, confirmed: true });
    expect(await world.refresh(refresh_token)).toMatchObject(refused);
    expect(await revoke()).toEqual({ revoked: 0, confirmed: true });
  });

  const revokeBy = (by: { consent_id: string } | { sub: string; client_id: string } | { sid: string; client_id: string }) =>
    world.services.world.call('auth', tokenApi.revokeGrants, { by, reason: 'admin' });

  it.each(['consent', 'subject', 'session'])('race 19: a code that is out when its %s and client are cut becomes nothing', async (what) => {
    const [sub, sid] = [`sub-${what}`, await world.signIn(`sub-${what}`)];
    const by = {
      consent: { consent_id: `c-${what}` },
      subject: { sub, client_id: 'photo-shop' },
      session: { sid, client_id: 'photo-shop' },
    }[what];
    const codeOf = () => world.code({ sub, sid, consent_id: `c-${what}` });
    const [code, other] = [await codeOf(), await codeOf()];
    const held = world.gate.hold('token.code.after-truth');
    const exchange = world.exchange(code);
    await held.reached;
    await revokeBy(by ?? { consent_id: '' });
    held.release();
    expect(await exchange).toMatchObject(refused);
    expect(await world.exchange(other)).toMatchObject(refused);
  });

  it('race 19: an exchange that is about to commit is waited for, and its grant revoked', async () => {
    const sid = await world.signIn('slow');
    const code = await world.code({ sub: 'slow', sid });
    const held = world.gate.hold('token.code.before-commit');
    const exchange = world.exchange(code);
    await held.reached;
    const revoking = revokeBy({ sub: 'slow', client_id: 'photo-shop' });
    const waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    await world.until(async () => (await world.rows(waiting)).length > 0);
    held.release();
    expect(await revoking).toEqual({ revoked: 1, confirmed: true });
    const { status, body } = await exchange;
    if (status === 200) expect(await world.refresh(String(body.refresh_token))).toMatchObject(refused);
    expect(await revoked(sid)).toBe('admin');
  });
});
