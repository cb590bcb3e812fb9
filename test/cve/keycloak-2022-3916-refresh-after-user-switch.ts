import { STORY } from '#libs/testing';
import { UserAgent } from '../actors/user-agent.js';
import { claimsOf, INVALID_GRANT, type Row, SCOPE } from './cast.js';

/** The cookie is one thing, the session another, and every refresh asks for the session. */
export const refreshAfterUserSwitch: Row = (world) => {
  it('Keycloak CVE-2022-3916: after another user signed in in the same browser the first one’s refresh token is dead', async () => {
    const agent = new UserAgent();
    const jane = await world().tokensFor(agent, world().shop, SCOPE);
    const { sub } = await claimsOf(world(), jane.access_token);
    const john = await world().tokensFor(agent, world().shop, SCOPE, { person: STORY.john, more: { prompt: 'login' } });
    expect(await world().raw('photo-shop').refresh(jane.refresh_token)).toMatchObject(INVALID_GRANT);
    expect((await claimsOf(world(), john.access_token)).sub).not.toBe(sub);
  });
};
