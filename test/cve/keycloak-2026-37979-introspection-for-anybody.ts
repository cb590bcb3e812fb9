import { UserAgent } from '../actors/user-agent.js';
import { type Row, SCOPE } from './cast.js';

/** Who asks must be in the audience, or be the token’s own client. */
export const introspectionForAnybody: Row = (world) => {
  it('Keycloak CVE-2026-37979: a resource server outside the token’s audience learns nothing', async () => {
    const { access_token } = await world().tokensFor(new UserAgent(), world().shop, SCOPE);
    expect((await world().raw('photos-api').introspect(access_token)).body.active).toBe(true);
    for (const other of ['prints-api', 'photo-book'])
      expect((await world().raw(other).introspect(access_token)).body).toEqual({ active: false });
  });
};
