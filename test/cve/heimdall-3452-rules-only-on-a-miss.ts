import { Operator } from '../actors/operator.js';
import { UserAgent } from '../actors/user-agent.js';
import { claimsOf, type Row, SCOPE } from './cast.js';

/** No verdict is cached. */
export const rulesOnlyOnAMiss: Row = (world) => {
  it('heimdall #3452: every introspection is judged anew: by who asks, by the end, by the time', async () => {
    const ending = await world().tokensFor(new UserAgent(), world().shop, SCOPE);
    const expiring = await world().tokensFor(new UserAgent(), world().shop, SCOPE);
    for (const { access_token } of [ending, expiring]) expect(await world().isActive(access_token)).toBe(true);
    expect((await world().raw('prints-api').introspect(ending.access_token)).body).toEqual({ active: false });
    const { sid } = await claimsOf(world(), ending.access_token);
    await new Operator(world().services).call('session', 'POST', `/admin/sessions/${String(sid)}/end`);
    expect(await world().isActive(ending.access_token)).toBe(false);
    await world().advance(301_000);
    expect(await world().isActive(expiring.access_token)).toBe(false);
  });
};
