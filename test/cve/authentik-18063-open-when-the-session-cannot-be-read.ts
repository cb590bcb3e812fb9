import { UserAgent } from '../actors/user-agent.js';
import { type Row, SCOPE } from './cast.js';

/** No answer is no permission. */
export const openWhenTheSessionCannotBeRead: Row = (world) => {
  it('authentik #18063: while sessions can’t be read nothing is let in', async () => {
    const agent = new UserAgent();
    const { refresh_token } = await world().tokensFor(agent, world().shop, SCOPE);
    const { started, code } = await world().signInAt(agent, world().shop, SCOPE);
    await world().services.stopOne('session');
    const refreshed = await world().raw('photo-shop').refresh(refresh_token);
    const exchanged = await world()
      .raw('photo-shop')
      .exchange(code ?? '', started.verifier, world().shop.callback);
    const silent = await world().signInAt(agent, world().shop, SCOPE, { more: { prompt: 'none' } });
    await world().services.start('session');
    await world().stand.ready('session');
    for (const answer of [refreshed, exchanged]) {
      expect(answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
      expect(answer.headers.get('retry-after')).toBeTruthy();
    }
    expect([silent.code, silent.error]).toEqual([null, 'temporarily_unavailable']);
  });
};
