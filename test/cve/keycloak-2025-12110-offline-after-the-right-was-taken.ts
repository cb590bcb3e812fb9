import { Operator } from '../actors/operator.js';
import { UserAgent } from '../actors/user-agent.js';
import { INVALID_GRANT, newClient, type Row, webMetadata } from './cast.js';

/** The right is judged where it is used, not only where the token was made. */
export const offlineAfterTheRightWasTaken: Row = (world) => {
  it('Keycloak CVE-2025-12110: taken from its client, offline_access is worth nothing any more', async () => {
    const scope = 'openid photos:read offline_access';
    const client = await newClient(world(), webMetadata(world().backup.callback, scope));
    const more = { client_id: client.clientId, prompt: 'consent' };
    const { started, code } = await world().signInAt(new UserAgent(), world().backup, scope, { more });
    const { body } = await client.exchange(code ?? '', started.verifier, world().backup.callback);
    const refreshed = await client.refresh(String(body.refresh_token));
    expect(refreshed.status).toBe(200);

    const changed = await new Operator(world().services).call('auth', 'PATCH', `/admin/clients/${client.clientId}`, {
      metadata: { scope: 'openid photos:read' },
    });
    expect(changed.status).toBe(200);
    expect(await client.refresh(String(refreshed.body.refresh_token))).toMatchObject(INVALID_GRANT);
  });
};
