import type { AccessToken } from './access-token.js';
import type { BearerError } from './bearer-error.js';
import { check, type Requirements } from './requirements.js';

const NOW = 1_800_000_000_000;
const EXPECTED = { issuer: 'https://id.example', audience: 'https://photos.example/api' };
const token = (over: Partial<AccessToken> = {}): AccessToken => ({
  ...{ iss: EXPECTED.issuer, aud: EXPECTED.audience, sub: 'u', client_id: 'c', jti: 'j', scope: 'photos:read photos:write' },
  ...{ exp: NOW / 1_000 + 60, auth_time: NOW / 1_000 - 100, acr: '1' },
  ...over,
});

function refusal(over: Partial<AccessToken>, needs: Requirements = {}): Pick<BearerError, 'status' | 'headers'> {
  try {
    check(token(over), EXPECTED, needs, NOW);
  } catch (error) {
    return error as BearerError;
  }
  throw new Error('it was accepted');
}

it.each([
  ['another issuer', { iss: 'https://id.example/' }],
  ['another audience', { aud: 'https://other.example' }],
  ['an audience among others that is not ours', { aud: ['https://other.example', 'x'] }],
  ['an expired one, to the millisecond', { exp: NOW / 1_000 }],
  ['one that is not valid yet', { nbf: NOW / 1_000 + 1 }],
  ['one that is bound to a key', { cnf: { jkt: 'x' } }],
] as [string, Partial<AccessToken>][])('a token of %s is 401 invalid_token', (_what, over) => {
  const { status, headers } = refusal(over);
  expect(status).toBe(401);
  expect(headers['www-authenticate']).toBe('Bearer error="invalid_token"');
});

it('a token for several audiences is good for each of them', () => {
  expect(() => check(token({ aud: ['x', EXPECTED.audience] }), EXPECTED, { scopes: ['photos:write'] }, NOW)).not.toThrow();
});

it('a scope that is missing is 403, with all that are needed', () => {
  const { status, headers } = refusal({}, { scopes: ['photos:read', 'photos:delete'] });
  expect(status).toBe(403);
  expect(headers['www-authenticate']).toBe('Bearer error="insufficient_scope", scope="photos:read photos:delete"');
});

it.each([
  [{ subject: 'somebody' }, 'invalid_token'],
  [{ maxAge: 99 }, 'insufficient_user_authentication", max_age="99'],
  [{ acr: ['2', '3'] }, 'insufficient_user_authentication", acr_values="2 3'],
] as [Requirements, string][])('what a request needs beside: %j', (needs, error) => {
  expect(refusal({}, needs).headers['www-authenticate']).toBe(`Bearer error="${error}"`);
});
