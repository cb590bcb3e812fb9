import { STORY } from '#libs/testing';
import { UserAgent } from '../actors/user-agent.js';
import { claimsOf, type Row, SCOPE } from './cast.js';

/** Nothing of the session changes before the password is right. */
export const reauthenticationCancelled: Row = (world) => {
  it('Keycloak CVE-2023-6787: a login asked for again and cancelled leaves the session whose it was', async () => {
    const agent = new UserAgent();
    const { sid, sub } = await claimsOf(world(), (await world().tokensFor(agent, world().shop, SCOPE)).access_token);
    const asked = await world().shop.begin(SCOPE, { prompt: 'login' });
    const page = await agent.open(asked.url);
    const [form] = agent.forms(page);
    if (!form) throw new Error(page.body);
    const again = await agent.submit(page, form, { username: STORY.john.username, password: 'wrong' }, () => false);
    expect(again.body).toContain('type="password"');
    const handle = agent.trail.findLast((url) => /\/interaction\/[^/]+$/.test(url));
    const cancelled = await agent.submit(
      again,
      { ...form, action: `${handle}/cancel` },
      { username: null, password: null },
      world().shop.isMine,
    );
    expect(cancelled.url.searchParams.get('error')).toBe('access_denied');
    const after = await world().tokensFor(agent, world().shop, SCOPE, { more: { prompt: 'none' } });
    expect(await claimsOf(world(), after.access_token)).toMatchObject({ sid, sub });
  });
};
