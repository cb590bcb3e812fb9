import { UserAgent } from '../actors/user-agent.js';
import { INVALID_GRANT, type Row, SCOPE } from './cast.js';

/** RFC 9700 §2.1.1: enforced when used, downgrade refused both ways. */
export const pkceRemovable: Row = (world) => {
  it('authentik CVE-2023-48228, 2024-23647: a challenge can’t be left out at the exchange, nor a verifier brought to a request without', async () => {
    const { started, code } = await world().signInAt(new UserAgent(), world().shop, SCOPE);
    const form = { grant_type: 'authorization_code', code: code ?? '', redirect_uri: world().shop.callback };
    const shop = world().raw('photo-shop');
    expect(await shop.post(world().endpoints.token, form)).toMatchObject({ status: 400 });
    expect(await shop.post(world().endpoints.token, { ...form, code_verifier: '' })).toMatchObject({ status: 400 });
    expect((await shop.exchange(code ?? '', started.verifier, world().shop.callback)).status).toBe(200);

    const agent = new UserAgent();
    const { url } = await world().shop.begin(SCOPE);
    for (const name of ['code_challenge', 'code_challenge_method']) url.searchParams.delete(name);
    await world().tokensFor(agent, world().shop, SCOPE);
    const page = await agent.open(url, world().shop.isMine);
    const without = page.url.searchParams.get('code') ?? '';
    expect(without).not.toBe('');
    expect(await shop.exchange(without, started.verifier, world().shop.callback)).toMatchObject(INVALID_GRANT);
  });
};
