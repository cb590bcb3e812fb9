import { UserAgent } from '../actors/user-agent.js';
import { type Row, SCOPE } from './cast.js';

/** An expired session is no session; nothing tries to replace it. */
export const expiredSessionLoops: Row = (world) => {
  it('Keycloak CVE-2018-10912: a browser with an expired session is asked to sign in, once', async () => {
    const agent = new UserAgent();
    await world().tokensFor(agent, world().shop, SCOPE);
    await world().advance(11 * 3_600_000);
    const hops = agent.trail.length;
    const page = await agent.open((await world().shop.begin(SCOPE)).url);
    expect(page.body).toContain('type="password"');
    expect(agent.trail.length - hops).toBeLessThanOrEqual(4);
    await world().tokensFor(agent, world().shop, SCOPE);
  });
};
