import type { AccessTokenClaims } from '#libs/protocol';
import { judgeLife } from '../src/judge-token.js';

const NOW = 1_800_000_000;
const CLAIMS: AccessTokenClaims = {
  ...{ iss: 'http://localhost:4000', sub: 'jane', aud: 'http://localhost:4000', client_id: 'photo-shop', scope: 'openid' },
  ...{ iat: NOW - 10, exp: NOW + 300, jti: 'j', gen: [1, 1] as const },
};
const view = { ownerNow: () => NOW * 1_000, isRevoked: () => false, freshness: () => ({ fresh: true }) as const };

it('opens the APIs behind it to a token from its nbf on, by the owner’s clock', () => {
  expect(() => judgeLife({ ...CLAIMS, nbf: NOW + 1 }, view)).toThrow(
    expect.objectContaining({ code: 'invalid_token', detail: 'not valid yet' }),
  );
  expect(() => judgeLife({ ...CLAIMS, nbf: NOW }, view)).not.toThrow();
  expect(() => judgeLife(CLAIMS, view)).not.toThrow();
});
