import { UserAgent } from '../actors/user-agent.js';
import { copyCookies, type Row, SCOPE } from './cast.js';

/** Signing out is a row that changed, not a cookie that was taken away. */
export const logoutSavedNothing: Row = (world) => {
  it('Spring Security CVE-2023-20862: after signing out the cookie from before signs nobody in', async () => {
    const agent = new UserAgent();
    const { id_token } = await world().tokensFor(agent, world().shop, SCOPE);
    const kept = copyCookies(agent, new UserAgent());
    const page = await agent.open(world().shop.logoutUrl(id_token, 'x'), world().shop.isMine);
    expect(world().shop.isMine(page.url)).toBe(true);
    expect((await world().signInAt(kept, world().shop, SCOPE, { more: { prompt: 'none' } })).error).toBe('login_required');
  });
};
