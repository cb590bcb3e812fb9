import { UserAgent } from '../actors/user-agent.js';
import { INVALID_GRANT, type Row, SCOPE } from './cast.js';

/** Used up in the statement that reads it. */
export const singleUseReplayable: Row = (world) => {
  it('Zitadel CVE-2025-46815: an interaction and a code are good once', async () => {
    const agent = new UserAgent();
    const { started, code } = await world().signInAt(agent, world().shop, SCOPE);
    const handle = agent.trail.find((url) => /\/interaction\/[^/]+$/.test(url)) ?? '';
    const again = await agent.open(handle, world().shop.isMine);
    expect([world().shop.isMine(again.url), again.status >= 400]).toEqual([false, true]);
    const exchange = () =>
      world()
        .raw('photo-shop')
        .exchange(code ?? '', started.verifier, world().shop.callback);
    expect((await exchange()).status).toBe(200);
    expect(await exchange()).toMatchObject(INVALID_GRANT);
  });
};
