import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto';
import { UserAgent } from '../actors/user-agent.js';
import { type Row } from './cast.js';

/** A key says which algorithm it is for; the token’s header is only compared with it. */
export const jwtAlgorithmConfusion: Row = (world) => {
  it('Keycloak CVE-2026-11800: a JWT signed with the public key as an HMAC secret, or not at all, is no token', async () => {
    const { access_token } = await world().tokensFor(new UserAgent(), world().shop, 'openid prints:order online_access');
    expect(await world().isActive(access_token)).toBe(true);
    const [head = '', claims = ''] = access_token.split('.');
    const { kid, typ } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string; typ: string };
    const { keys } = (await (await fetch(world().metadata.jwks_uri)).json()) as { keys: (JsonWebKey & { kid: string })[] };
    const jwk = keys.find((key) => key.kid === kid) ?? {};
    const pem = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const forged = (alg: string, sign: (input: string) => string) => {
      const input = `${Buffer.from(JSON.stringify({ alg, kid, typ })).toString('base64url')}.${claims}`;
      return `${input}.${sign(input)}`;
    };
    const hmac = (secret: string | Buffer) => (input: string) => createHmac('sha256', secret).update(input).digest('base64url');
    for (const token of [forged('HS256', hmac(pem)), forged('HS256', hmac(JSON.stringify(jwk))), forged('none', () => '')]) {
      expect(await world().isActive(token)).toBe(false);
      expect((await world().raw('photo-shop').userinfo(token)).status).toBe(401);
    }
  });
};
