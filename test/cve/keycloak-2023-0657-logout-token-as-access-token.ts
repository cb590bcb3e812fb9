import { STORY, until } from '#libs/testing';
import { Operator } from '../actors/operator.js';
import { UserAgent } from '../actors/user-agent.js';
import { claimsOf, type Row, SCOPE } from './cast.js';

/** The type is verified with the signature: `typ` is required and compared. */
export const logoutTokenAsAccessToken: Row = (world) => {
  it('Keycloak CVE-2023-0657: a logout token or an ID token is no access token, and a logout token no hint', async () => {
    const { access_token, id_token } = await world().tokensFor(new UserAgent(), world().shop, SCOPE, { person: STORY.john });
    const { sid } = await claimsOf(world(), access_token);
    const { deliveries } = world().receivers['photo-shop'];
    const from = deliveries.length;
    await new Operator(world().services).call('session', 'POST', `/admin/sessions/${String(sid)}/end`);
    const { logoutToken } = await until(() => deliveries[from], { what: 'a logout token' });
    for (const other of [logoutToken, id_token]) {
      expect(await world().isActive(other)).toBe(false);
      expect((await world().raw('photo-shop').userinfo(other)).status).toBe(401);
    }
    const { error } = await world().signInAt(new UserAgent(), world().shop, SCOPE, {
      more: { prompt: 'none', id_token_hint: logoutToken },
    });
    expect(error).toBe('invalid_request');
  });
};
