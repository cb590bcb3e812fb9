import { authApi } from '#libs/contracts';
import { Operator } from '../actors/operator.js';
import { newClient, type Row } from './cast.js';

/** What is cached is what a token says, never whether it may. */
export const scopeNotCheckedOnAHit: Row = (world) => {
  it('Oathkeeper CVE-2021-32701: a service token that is known by its hash still opens only its caller’s routes', async () => {
    const { stand } = world();
    for (let again = 0; again < 2; again++) {
      expect((await stand.call('introspect', authApi.client, { client_id: 'photo-shop' })).client?.client_id).toBe('photo-shop');
      const forbidden = stand.call('introspect', authApi.setClientDisabled, { client_id: 'photo-shop', disabled: true });
      await expect(forbidden).rejects.toMatchObject({ kind: 'refused' });
    }
  });

  it('Oathkeeper CVE-2021-32701: an operator’s token that was good for one scope a moment ago is not for another', async () => {
    const metadata = { application_type: 'service', grant_types: ['client_credentials'], scope: 'lanyard:users:read' };
    const { clientId, secret } = await newClient(world(), metadata);
    const reader = new Operator(world().services, clientId, secret ?? '');
    for (let again = 0; again < 2; again++) {
      expect((await reader.call('auth', 'GET', '/admin/users')).status).toBe(200);
      expect((await reader.call('auth', 'GET', '/admin/clients')).status).toBe(403);
    }
  });
};
