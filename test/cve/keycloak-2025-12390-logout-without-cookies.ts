import { UserAgent } from '../actors/user-agent.js';
import { claimsOf, type Row, SCOPE } from './cast.js';

/** A session is found by the hint’s sid, and a sid is never given twice. */
export const logoutWithoutCookies: Row = (world) => {
  it('Keycloak CVE-2025-12390: signing out in a browser that lost its cookies ends the session; the next one is another', async () => {
    const tokens = await world().tokensFor(new UserAgent(), world().shop, SCOPE);
    const { sid } = await claimsOf(world(), tokens.access_token);
    const agent = new UserAgent();
    const page = await agent.open(world().shop.logoutUrl(tokens.id_token, 'x'), world().shop.isMine);
    if (!world().shop.isMine(page.url)) {
      const form = agent.forms(page).find(({ method }) => method === 'post');
      if (!form) throw new Error(page.body);
      const yes = form.buttons.find(({ text }) => /sign out|yes/i.test(text));
      await agent.submit(page, form, yes?.name ? { [yes.name]: yes.value } : {}, world().shop.isMine);
    }
    expect(await world().isActive(tokens.access_token)).toBe(false);
    const next = await world().tokensFor(agent, world().shop, SCOPE);
    expect((await claimsOf(world(), next.access_token)).sid).not.toBe(sid);
  });
};
