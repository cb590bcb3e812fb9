import { Operator } from '../actors/operator.js';
import { type Row } from './cast.js';

/** The same view judges tokens of every grant. */
export const clientCredentialsNotRevocable: Row = (world) => {
  it('Keycloak CVE-2023-0091: a client’s own token dies by revocation, and with the client', async () => {
    const press = world().raw('print-press');
    const own = async () =>
      String((await press.post(world().endpoints.token, { grant_type: 'client_credentials', scope: 'photos:read' })).body.access_token);
    const [revoked, orphaned] = [await own(), await own()];
    await press.revoke(revoked);
    expect([await world().isActive(revoked), await world().isActive(orphaned)]).toEqual([false, true]);
    const operator = new Operator(world().services);
    for (const action of ['disable', 'enable']) await operator.call('auth', 'POST', `/admin/clients/print-press/${action}`);
    expect(await world().isActive(orphaned)).toBe(false);
  });
};
