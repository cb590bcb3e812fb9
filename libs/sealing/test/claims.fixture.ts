import fc from 'fast-check';
import type { AccessTokenClaims } from '#libs/protocol';

/** Claims as the token service writes them; for the specs of this folder. */
export const CLAIMS: AccessTokenClaims = {
  iss: 'https://as.example',
  sub: 'jane',
  aud: 'https://photos.example/api',
  client_id: 'photo-shop',
  scope: 'openid photos:read',
  iat: 1_760_000_000,
  exp: 1_760_000_300,
  jti: 'n3cUqgWvTnuT9lVYb0bZ0A',
  sid: 'p0pWl5Vdn6wYbq1mCjv2Yg',
  gid: 'Vb8wqOQb1sQ2kqQ0i8pT2A',
  gen: [3, 1],
  auth_time: 1_759_999_000,
  amr: ['pwd'],
};

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
const generation = fc.nat({ max: 2 ** 31 });

export const anyClaims: fc.Arbitrary<AccessTokenClaims> = fc.record(
  {
    iss: text,
    sub: text,
    aud: fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 4 })),
    client_id: text,
    scope: fc.string({ unit: 'grapheme' }),
    iat: fc.nat(),
    exp: fc.nat(),
    jti: text,
    gen: fc.tuple(generation, generation),
    sid: text,
    gid: text,
    acr: text,
    username: text,
    nbf: fc.nat(),
    auth_time: fc.nat(),
    amr: fc.array(text, { maxLength: 3 }),
  },
  { requiredKeys: ['iss', 'sub', 'aud', 'client_id', 'scope', 'iat', 'exp', 'jti', 'gen'] },
);
