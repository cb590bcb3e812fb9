import { Operator } from '../actors/operator.js';
import { UserAgent } from '../actors/user-agent.js';
import { newcomer, type Row, SCOPE } from './cast.js';

/** Each handle of a token is looked up; the strictest wins because any hit refuses. */
export const oneOfTwoRevocationRules: Row = (world) => {
  it('Keycloak CVE-2026-8922: a token dies by its user’s rule alone, and by its client’s rule alone', async () => {
    const operator = new Operator(world().services);
    const person = await newcomer(world());
    const byUser = await world().tokensFor(new UserAgent(), world().shop, SCOPE, { person });
    await operator.call('auth', 'POST', `/admin/users/${person.sub}/revoke-all`);
    expect(await world().isActive(byUser.access_token)).toBe(false);

    const byClient = await world().tokensFor(new UserAgent(), world().book, SCOPE, { person });
    for (const action of ['disable', 'enable']) await operator.call('auth', 'POST', `/admin/clients/photo-book/${action}`);
    expect(await world().isActive(byClient.access_token)).toBe(false);
  });
};
