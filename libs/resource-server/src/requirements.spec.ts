import type { AccessToken } from './access-token.js';
import { bearerError, Refusal } from './bearer-error.js';
import { type KnownToken, knownToken } from './known-token.js';
import { check, mustBeRequirements, type Requirements } from './requirements.js';

const NOW = 1_800_000_000_000;
const EXPECTED = { issuer: 'https://id.example', audience: 'https://photos.example/api' };
const known = (over: Partial<AccessToken> = {}): KnownToken => {
  const made = knownToken(
    {
      ...{ iss: EXPECTED.issuer, aud: EXPECTED.audience, sub: 'u', client_id: 'c', jti: 'j', scope: 'photos:read photos:write' },
      ...{ exp: NOW / 1_000 + 60, auth_time: NOW / 1_000 - 100, acr: '1' },
      ...over,
    },
    'kid',
  );
  if (!made) throw new Error('not a token');
  return made;
};
const AT = { owner: NOW, best: NOW };

/** The challenge without its description, which is the same for all of a kind. */
function refusal(over: Partial<AccessToken>, needs: Requirements = {}, now: Parameters<typeof check>[3] = AT) {
  try {
    check(known(over), EXPECTED, needs, now);
  } catch (error) {
    const { status, headers } = bearerError(error as Refusal, needs);
    return { status, challenge: headers['www-authenticate']?.replace(/, error_description="[^"]+"/, '') };
  }
  return 'accepted';
}

it.each([
  ['another issuer', { iss: 'https://id.example/' }],
  ['another audience', { aud: 'https://other.example' }],
  ['an audience that only begins like ours', { aud: `${EXPECTED.audience}/more` }],
  ['audiences among which is not ours', { aud: ['https://other.example', 'x'] }],
  ['the past, to the millisecond', { exp: NOW / 1_000 }],
  ['the future', { nbf: NOW / 1_000 + 1 }],
  ['a key', { cnf: { jkt: 'x' } }],
  ['the type DPoP', { token_type: 'DPoP' }],
] as [string, Partial<AccessToken>][])('a token of %s is 401 invalid_token', (_what, over) => {
  expect(refusal(over)).toEqual({ status: 401, challenge: 'Bearer error="invalid_token"' });
});

it('a token for several audiences is good for each of them, whatever case its type is in', () => {
  expect(refusal({ aud: ['x', EXPECTED.audience], token_type: 'bearer' }, { scopes: ['photos:write'] })).toBe('accepted');
});

it('a scope that is missing is 403, with all that are needed', () => {
  const challenge = 'Bearer error="insufficient_scope", scope="photos:read photos:delete"';
  expect(refusal({}, { scopes: ['photos:read', 'photos:delete'] })).toEqual({ status: 403, challenge });
});

it('a scope is a whole word', () => {
  expect(refusal({ scope: 'photos:read.all' }, { scopes: ['photos:read'] })).toMatchObject({ status: 403 });
  expect(refusal({ scope: undefined }, { scopes: ['photos:read'] })).toMatchObject({ status: 403 });
});

it.each([
  [{ subject: 'somebody' }, 'invalid_token"'],
  [{ maxAge: 99 }, 'insufficient_user_authentication", max_age="99"'],
  [{ acr: ['2', '3'] }, 'insufficient_user_authentication", acr_values="2 3"'],
  [{ acr: '2', maxAge: 1_000 }, 'insufficient_user_authentication", acr_values="2", max_age="1000"'],
] as [Requirements, string][])('what a request needs beside: %j', (needs, said) => {
  expect(refusal({}, needs)).toEqual({ status: 401, challenge: `Bearer error="${said}` });
});

it.each([
  ['a subject that is not there', { subject: undefined }, 'the requirement subject is undefined'],
  ['scopes that are not there', { scopes: undefined }, 'the requirement scopes is undefined'],
  ['an age that is not there', { scopes: [], maxAge: undefined }, 'the requirement maxAge is undefined'],
  ['a kind of sign-in that is not there', { acr: undefined }, 'the requirement acr is undefined'],
  ['a subject of null', { subject: null }, 'the requirement subject is null'],
  ['a kind of sign-in of null', { acr: null }, 'the requirement acr is null'],
  ['a member that is misspelt', { scope: 'photos:read' }, 'scope is no requirement'],
  ['a list', ['photos:read'], '0 is no requirement'],
  ['a text', 'photos:read', 'not string'],
  ['null', null, 'not null'],
  ['a promise', Promise.resolve({ subject: 'u' }), 'not a promise'],
])('%s can not be meant as a requirement', (_what, needs, said) => {
  expect(() => mustBeRequirements(needs)).toThrow(TypeError);
  expect(() => mustBeRequirements(needs)).toThrow(said);
});

it('requirements that are left out are none, and such as are there are evaluated whatever they are', () => {
  for (const needs of [{}, { scopes: [] }, { subject: 'u', scopes: ['photos:read'], maxAge: 100, acr: '1' }]) {
    expect(() => mustBeRequirements(needs)).not.toThrow();
    expect(refusal({}, needs)).toBe('accepted');
  }
  for (const needs of [{ subject: '' }, { maxAge: Number.NaN }, { acr: '' }, { acr: [] }])
    expect(refusal({}, needs)).toMatchObject({ status: 401 });
  expect(() => refusal({}, { acr: 0 as unknown as string })).toThrow(TypeError);
});

it('a token that does not say when the user signed in, or how, does not fulfil what is asked of it', () => {
  expect(refusal({ auth_time: undefined }, { maxAge: 1_000_000 })).toMatchObject({ status: 401 });
  expect(refusal({ acr: undefined }, { acr: [] })).toMatchObject({ status: 401 });
  expect(refusal({}, { maxAge: 100, acr: ['0', '1'] })).toBe('accepted');
});

it('while the server’s clock is not known its own word counts, and the sign-in is judged by the best time there is', () => {
  const unknown = { owner: null, best: NOW };
  expect(refusal({ exp: 1 }, {}, unknown)).toBe('accepted');
  expect(refusal({}, { maxAge: 99 }, unknown)).toMatchObject({ status: 401 });
  expect(refusal({}, { maxAge: 99 }, { owner: null, best: null })).toBe('accepted');
});

it('nothing that a route asks for can break out of the challenge', () => {
  const { challenge } = refusal({}, { scopes: ['a", realm="x\r\nSet-Cookie: y\\'] }) as { challenge: string };
  expect(challenge).toBe('Bearer error="insufficient_scope", scope="a, realm=xSet-Cookie: y"');
});
