import { UserAgent } from '../actors/user-agent.js';
import { copyCookies, type Row, SCOPE } from './cast.js';

/** Each login makes a new cookie, also when the session goes on. */
export const cookieKeptAtLogin: Row = (world) => {
  it('Keycloak CVE-2024-7341: no cookie from before the login is worth anything after it', async () => {
    const agent = new UserAgent();
    await agent.open((await world().shop.begin(SCOPE)).url);
    const planted = copyCookies(agent, new UserAgent());
    await world().tokensFor(agent, world().shop, SCOPE);
    expect((await world().signInAt(planted, world().shop, SCOPE, { more: { prompt: 'none' } })).error).toBe('login_required');
    const before = copyCookies(agent, new UserAgent());
    await world().tokensFor(agent, world().shop, SCOPE, { more: { prompt: 'login' } });
    expect((await world().signInAt(before, world().shop, SCOPE, { more: { prompt: 'none' } })).error).toBe('login_required');
  });
};
