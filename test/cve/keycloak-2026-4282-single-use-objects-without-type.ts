import { UserAgent } from '../actors/user-agent.js';
import { INVALID_GRANT, type Row, SCOPE } from './cast.js';

/** Every kind of secret is hashed under a key of its kind. */
export const singleUseObjectsWithoutType: Row = (world) => {
  it('Keycloak CVE-2026-4282: a cookie, a handle, a token is no code; a code is no cookie and no refresh token', async () => {
    const agent = new UserAgent();
    const tokens = await world().tokensFor(agent, world().shop, SCOPE);
    const { code } = await world().signInAt(agent, world().shop, SCOPE);
    const shop = world().raw('photo-shop');
    const handles = agent.trail.map((url) => /\/interaction\/([^/?]+)/.exec(url)?.[1] ?? '').filter(Boolean);
    expect(handles.length).toBeGreaterThan(0);
    const others = [...agent.cookies().values(), ...handles.slice(0, 1), tokens.access_token, tokens.refresh_token, tokens.id_token];
    for (const other of others) expect(await shop.exchange(other, 'v'.repeat(43), world().shop.callback)).toMatchObject(INVALID_GRANT);
    for (const other of [String(code), tokens.access_token, ...agent.cookies().values()])
      expect(await shop.refresh(other)).toMatchObject(INVALID_GRANT);
    const thief = new UserAgent();
    for (const name of agent.cookies().keys()) thief.setCookie(name, String(code));
    expect((await world().signInAt(thief, world().shop, SCOPE, { more: { prompt: 'none' } })).error).toBe('login_required');
  });
};
