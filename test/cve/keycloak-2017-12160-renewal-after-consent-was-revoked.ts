import { Operator } from '../actors/operator.js';
import { UserAgent } from '../actors/user-agent.js';
import { INVALID_GRANT, newcomer, type Row } from './cast.js';

/** Grants hang from the consent and are revoked before it is said to be withdrawn. */
export const renewalAfterConsentWasRevoked: Row = (world) => {
  it('Keycloak CVE-2017-12160: with the consent gone the refresh token renews nothing', async () => {
    const person = await newcomer(world());
    const more = { prompt: 'consent' };
    const tokens = await world().tokensFor(new UserAgent(), world().backup, 'openid photos:read offline_access', { person, more });
    const path = `/admin/users/${person.sub}/consents/photo-backup/revoke`;
    expect((await new Operator(world().services).call('auth', 'POST', path)).body).toMatchObject({ revoked: true });
    expect(await world().raw('photo-backup').refresh(tokens.refresh_token)).toMatchObject(INVALID_GRANT);
    expect(await world().isActive(tokens.access_token)).toBe(false);
  });
};
