import { STORY } from '#libs/testing';
import { UserAgent } from '../actors/user-agent.js';
import { type Row, SCOPE } from './cast.js';

/** The request lies in the server; the browser holds a handle. */
export const stateFromTheClient: Row = (world) => {
  it('Keycloak CVE-2026-7571: what a form adds to the request on its way back is not believed; implicit is refused', async () => {
    const agent = new UserAgent();
    const page = await agent.open((await world().shop.begin(SCOPE)).url);
    const [form] = agent.forms(page);
    if (!form) throw new Error(page.body);
    const forged = { response_type: 'token', redirect_uri: 'https://evil.example/', scope: 'openid photos:write', prompt: 'none' };
    const landed = await agent.submit(page, form, { ...STORY.jane, ...forged }, world().shop.isMine);
    expect([landed.url.href, ...agent.trail].filter((url) => /evil\.example|access_token/.test(url))).toEqual([]);

    const implicit = await world().signInAt(new UserAgent(), world().shop, SCOPE, { more: { response_type: 'token' } });
    expect(implicit.error).toBe('unsupported_response_type');
  });
};
