import { Operator } from '../actors/operator.js';
import { UserAgent } from '../actors/user-agent.js';
import { type Row, SCOPE } from './cast.js';

/** One authenticator for all endpoints, and the client’s generation in every token. */
export const disabledClientOnAnotherPath: Row = (world) => {
  it('Keycloak CVE-2026-2733, -3047, -2603, -1486: a disabled client is refused at every endpoint', async () => {
    const operator = new Operator(world().services);
    const agent = new UserAgent();
    const { access_token, refresh_token } = await world().tokensFor(agent, world().book, SCOPE);
    const { started, code } = await world().signInAt(agent, world().book, SCOPE);
    const book = world().raw('photo-book');
    await operator.call('auth', 'POST', '/admin/clients/photo-book/disable');
    const answers = [
      await book.refresh(refresh_token),
      await book.exchange(code ?? '', started.verifier, world().book.callback),
      await book.post(world().endpoints.token, { grant_type: 'client_credentials' }),
      await book.revoke(refresh_token),
      await book.introspect(access_token),
    ];
    const page = await world().signInAt(agent, world().book, SCOPE);
    const userinfo = await book.userinfo(access_token);
    await operator.call('auth', 'POST', '/admin/clients/photo-book/enable');
    for (const answer of answers) expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect([page.code, page.page.status, userinfo.status]).toEqual([null, 400, 401]);
  });
};
