import { UserAgent } from '../actors/user-agent.js';
import { type Row, restart, SCOPE } from './cast.js';

/** Revocations are in the log, which a view reads before it answers anything. */
export const restartUnrevokes: Row = (world) => {
  it('Keycloak #31296: a revoked access token is still revoked after a restart', async () => {
    const { access_token } = await world().tokensFor(new UserAgent(), world().shop, SCOPE);
    expect(await world().isActive(access_token)).toBe(true);
    await world().raw('photo-shop').revoke(access_token);
    await restart(world(), 'introspect');
    expect(await world().isActive(access_token)).toBe(false);
  });
};
