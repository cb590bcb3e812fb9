import { UserAgent } from '../actors/user-agent.js';
import { INVALID_GRANT, type Row, restart, SCOPE } from './cast.js';

/** “Already used” is a number in the grant’s row, not a time compared with the process’s start. */
export const rotatedTokensUsableAfterRestart: Row = (world) => {
  it('Keycloak CVE-2026-9802: a refresh token that was used is still used after a restart', async () => {
    const shop = world().raw('photo-shop');
    const first = await world().tokensFor(new UserAgent(), world().shop, SCOPE);
    const second = await shop.refresh(first.refresh_token);
    const third = await shop.refresh(String(second.body.refresh_token));
    await restart(world(), 'token');
    expect(await shop.refresh(first.refresh_token)).toMatchObject(INVALID_GRANT);
    expect(await shop.refresh(String(third.body.refresh_token))).toMatchObject(INVALID_GRANT);
  });
};
