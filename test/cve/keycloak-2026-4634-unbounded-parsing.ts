import { answerOf } from '../actors/raw-client.js';
import { type Row } from './cast.js';

/** Bounded input, one strict reader of Authorization. */
export const unboundedParsing: Row = (world) => {
  it('Keycloak CVE-2026-4634: thousands of scopes are refused as quickly as one', async () => {
    const scope = Array.from({ length: 20_000 }, (_, i) => i.toString(36))
      .join(' ')
      .slice(0, 60_000);
    const started = performance.now();
    const answer = await world().raw('print-press').post(world().endpoints.token, { grant_type: 'client_credentials', scope });
    expect([400, 413]).toContain(answer.status);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it.each([
    '',
    'Basic',
    'Basic ',
    'Basic =',
    'Basic a:b',
    'basic Og==',
    'Bearer',
    'Bearer ',
    'Bearer a b',
    'Digest x="',
    ',',
    'Basic\ta',
    '=',
  ])('Keycloak CVE-2026-0707, -9803: Authorization %j is refused by every endpoint and breaks none', async (authorization) => {
    const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' };
    const { token, revoke, introspect, userinfo } = world().endpoints;
    const admin = [`${world().stand.url('auth')}/admin/users`, `${world().stand.url('session')}/admin/sessions`];
    const posts = [token, revoke, introspect].map((url) => fetch(url, { method: 'POST', headers, body: 'token=x&grant_type=x' }));
    const gets = [userinfo, ...admin].map((url) => fetch(url, { headers }));
    for (const answer of await Promise.all([...posts, ...gets].map(async (each) => answerOf(await each)))) {
      expect([400, 401]).toContain(answer.status);
    }
  });
};
