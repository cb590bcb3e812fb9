import { authApi, type InternalEndpoint, sessionApi } from '#libs/contracts';
import { ServiceTokens } from '#libs/http';
import { type Row } from './cast.js';

/** A token names its callee, and the callee compares on every call. */
export const cacheKeyWithoutIssuer: Row = (world) => {
  it('Oathkeeper GHSA-4mq7-pvjg-xp2r: a service token verified at one service is refused by another', async () => {
    const { LANYARD_SERVICE_KEY = '', LANYARD_SERVICE_KEYS = '' } = world().stand.environment('token');
    const tokens = new ServiceTokens('token', {
      privateJwk: JSON.parse(LANYARD_SERVICE_KEY),
      publicJwks: JSON.parse(LANYARD_SERVICE_KEYS),
    });
    const forAuth = tokens.for('auth');
    const post = async (service: 'auth' | 'session', { path }: InternalEndpoint, body: object) => {
      const headers = { authorization: `Bearer ${forAuth}`, 'content-type': 'application/json' };
      const url = `${world().stand.internalUrl(service)}${path}`;
      return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status;
    };
    for (let again = 0; again < 2; again++) {
      expect(await post('auth', authApi.client, { client_id: 'photo-shop' })).toBeLessThan(300);
      expect(await post('session', sessionApi.truth, { sid: 'x' })).toBe(401);
    }
  });
};
