import { UserAgent } from '../actors/user-agent.js';
import { type Row, SCOPE } from './cast.js';

/** The use is counted by the statement that checks it. */
export const parallelRefreshesAllWin: Row = (world) => {
  it('Keycloak CVE-2026-1035: of 50 refreshes at once with one token all that win get the same successor', async () => {
    const { refresh_token } = await world().tokensFor(new UserAgent(), world().shop, SCOPE);
    const answers = await Promise.all(Array.from({ length: 50 }, () => world().raw('photo-shop').refresh(refresh_token)));
    const granted = answers.filter(({ status }) => status === 200);
    expect(granted.length).toBeGreaterThan(0);
    expect(new Set(granted.map(({ body }) => body.refresh_token)).size).toBe(1);
  });
};
