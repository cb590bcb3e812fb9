import { UserAgent } from '../actors/user-agent.js';
import { type Row, SCOPE } from './cast.js';

/** Comparison, not matching; and a scope is narrowed, never widened. */
export const redirectUriAsRegex: Row = (world) => {
  it('authentik CVE-2024-52289: a registered redirect URI is no pattern', async () => {
    for (const change of [(uri: string) => uri.replace('callback', 'c.llback'), (uri: string) => uri.replace('callback', '.*')]) {
      const { url } = await world().shop.begin(SCOPE);
      url.searchParams.set('redirect_uri', change(world().shop.callback));
      expect((await fetch(url, { redirect: 'manual' })).status).toBe(400);
    }
  });

  it('authentik CVE-2024-52287: no grant gives more scopes than it has', async () => {
    const tokens = await world().tokensFor(new UserAgent(), world().shop, SCOPE);
    const wider = { scope: 'openid photos:read photos:write' };
    const refused = { status: 400, body: { error: 'invalid_scope' } };
    expect(await world().raw('photo-shop').refresh(tokens.refresh_token, wider)).toMatchObject(refused);
    const own = { grant_type: 'client_credentials', scope: 'photos:read photos:write' };
    expect(await world().raw('print-press').post(world().endpoints.token, own)).toMatchObject(refused);
    const { code, started } = await world().signInAt(new UserAgent(), world().shop, SCOPE);
    const atExchange = {
      grant_type: 'authorization_code',
      code: code ?? '',
      code_verifier: started.verifier,
      redirect_uri: world().shop.callback,
    };
    const { body } = await world()
      .raw('photo-shop')
      .post(world().endpoints.token, { ...atExchange, scope: 'openid photos:write' });
    expect(String(body.scope ?? '')).not.toContain('photos:write');
  });
};
