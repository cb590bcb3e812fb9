import { LogoutReceiver, until } from '#libs/testing';
import { Operator } from '../actors/operator.js';
import { UserAgent } from '../actors/user-agent.js';
import { claimsOf, newClient, type Row, SCOPE, webMetadata } from './cast.js';

/** The only address that is ever called is a registered receiver of logout tokens, and its answer is its own. */
export const ssrfByRedirect: Row = (world) => {
  it('Keycloak CVE-2026-4366, -1180, 2020-10770: no redirect is followed, no request_uri and no jwks_uri fetched', async () => {
    const elsewhere = await LogoutReceiver.start();
    try {
      world().receivers['photo-book'].answerNext({ status: 307, headers: { location: elsewhere.url } });
      const { access_token } = await world().tokensFor(new UserAgent(), world().book, SCOPE);
      const { sid } = await claimsOf(world(), access_token);
      await new Operator(world().services).call('session', 'POST', `/admin/sessions/${String(sid)}/end`);
      const dead = () => world().stand.database.query("SELECT 1 FROM session.delivery WHERE sid = $1 AND state = 'dead'", [sid]);
      await until(async () => (await dead()).length === 1, { what: 'a dead delivery' });

      const { error } = await world().signInAt(new UserAgent(), world().shop, SCOPE, { more: { request_uri: elsewhere.url } });
      expect(error).toBe('request_uri_not_supported');
      await newClient(world(), { ...webMetadata(world().book.callback, SCOPE), jwks_uri: elsewhere.url });
      expect(elsewhere.deliveries).toEqual([]);
    } finally {
      await elsewhere.close();
    }
  });
};
