import { Operator } from '../actors/operator.js';
import { UserAgent } from '../actors/user-agent.js';
import { INVALID_GRANT, newcomer, type Row, SCOPE } from './cast.js';

/** One question, whether the subject may, asked on every path. */
export const disabledUserOnAnotherPath: Row = (world) => {
  it('Keycloak CVE-2026-1609, 2025-14559: a disabled user gets tokens by no grant and no page', async () => {
    const person = await newcomer(world());
    const agent = new UserAgent();
    const online = await world().tokensFor(agent, world().shop, SCOPE, { person });
    const more = { prompt: 'consent' };
    const offline = await world().tokensFor(agent, world().backup, 'openid photos:read offline_access', { person, more });
    const { started, code } = await world().signInAt(agent, world().shop, SCOPE, { person });
    await new Operator(world().services).call('auth', 'POST', `/admin/users/${person.sub}/disable`);

    expect(await world().raw('photo-shop').refresh(online.refresh_token)).toMatchObject(INVALID_GRANT);
    expect(await world().raw('photo-backup').refresh(offline.refresh_token)).toMatchObject(INVALID_GRANT);
    expect(
      await world()
        .raw('photo-shop')
        .exchange(code ?? '', started.verifier, world().shop.callback),
    ).toMatchObject(INVALID_GRANT);
    expect((await world().signInAt(agent, world().shop, SCOPE, { person, more: { prompt: 'none' } })).error).toBe('login_required');
    expect((await world().signInAt(new UserAgent(), world().shop, SCOPE, { person })).code).toBeNull();
  });
};
