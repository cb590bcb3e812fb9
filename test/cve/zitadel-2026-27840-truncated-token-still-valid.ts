import { UserAgent } from '../actors/user-agent.js';
import { INVALID_GRANT, type Row, SCOPE } from './cast.js';

/** The whole of it is authenticated, the length too. */
export const truncatedTokenStillValid: Row = (world) => {
  it('Zitadel CVE-2026-27840: a token, a code, a cookie that lost its end is none', async () => {
    const agent = new UserAgent();
    const { access_token, refresh_token } = await world().tokensFor(agent, world().shop, SCOPE);
    const { started, code } = await world().signInAt(agent, world().shop, SCOPE);
    const shop = world().raw('photo-shop');
    for (const cut of [1, 2, 4, 8, 16, 22]) {
      expect(await world().isActive(access_token.slice(0, -cut))).toBe(false);
      expect(await shop.refresh(refresh_token.slice(0, -cut))).toMatchObject(INVALID_GRANT);
      expect(await shop.exchange((code ?? '').slice(0, -cut), started.verifier, world().shop.callback)).toMatchObject(INVALID_GRANT);
    }
    const thief = new UserAgent();
    for (const [name, value] of agent.cookies()) thief.setCookie(name, value.slice(0, -2));
    expect((await world().signInAt(thief, world().shop, SCOPE, { more: { prompt: 'none' } })).error).toBe('login_required');
    expect((await shop.refresh(refresh_token)).status).toBe(200);
  });
};
