import {
  askedAccess,
  challengeOf,
  claimsOfScopes,
  ERRORS,
  type ErrorName,
  isCodeChallenge,
  OAuthError,
  oauthError,
  parsePrompt,
  parseScope,
  refuseScopesBeyond,
  verifyPkce,
} from '../src/index.js';

describe('error catalogue', () => {
  const names = Object.keys(ERRORS) as ErrorName[];

  test.each(names)('%s can be said on the wire: allowed characters, a status, a specification', (name) => {
    const { body, status } = ((error: OAuthError) => ({ body: error.body(), status: error.status }))(oauthError(name));
    expect(body).toEqual({ error: ERRORS[name].error, error_description: ERRORS[name].description });
    expect(ERRORS[name].description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+\.$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(ERRORS[name].spec).toMatch(/^(RFC \d+|OIDC)/);
  });

  test('the private detail never reaches the public half', () => {
    const error = oauthError('invalid_grant', { detail: 'refresh_seq 4 of 6' });
    expect(JSON.stringify(error.body())).not.toContain('refresh_seq');
    expect(error.message).toContain('refresh_seq');
  });

  test('a description can not break out of a quoted header', () => {
    expect(oauthError('invalid_request', { description: 'a "b" \\ \n ü' }).publicDescription).toBe("a 'b' ? ? ?");
  });

  test('withDetail and withHeaders keep what was there', () => {
    const error = oauthError('invalid_token', { description: 'Gone.' }).withHeaders({ a: '1' }).withHeaders({ b: '2' }).withDetail('why');
    expect(error).toMatchObject({
      code: 'invalid_token',
      status: 401,
      publicDescription: 'Gone.',
      headers: { a: '1', b: '2' },
      detail: 'why',
    });
  });
});

describe('scopes', () => {
  test('order is kept, repetitions count once, absent is none', () => {
    expect(parseScope('openid  photos:read openid')).toEqual(['openid', 'photos:read']);
    expect(parseScope(undefined)).toEqual([]);
    expect(parseScope('')).toEqual([]);
  });

  test.each([
    ['a quote', 'a"b'],
    ['a backslash', 'a\\b'],
    ['non-ASCII', 'ä'],
    ['a control', 'a\tb'],
    ['too long', 'x'.repeat(5_000)],
    ['too many', Array.from({ length: 101 }, (_, n) => `s${n}`).join(' ')],
  ])('invalid_scope for %s', (_, scope) => {
    expect(() => parseScope(scope)).toThrow(expect.objectContaining({ code: 'invalid_scope' }));
  });

  test('the refused scope is named, and only if it is a scope-token', () => {
    const described = (asked: string[]) => {
      try {
        refuseScopesBeyond(['openid'], asked, 'was not granted');
      } catch (error) {
        return (error as OAuthError).body();
      }
    };
    expect(described(['openid', 'photos:write', 'other'])).toEqual({
      error: 'invalid_scope',
      error_description: "The scope 'photos:write' was not granted.",
    });
    expect(described(['<img src=x>'])?.error_description).toBe('A scope was not granted.');
    expect(described(['openid'])).toBeUndefined();
  });

  test('online and offline asked together is told apart from either and from neither', () => {
    expect(askedAccess(['online_access', 'offline_access'])).toBe('both');
    expect(askedAccess(['offline_access'])).toBe('offline');
    expect(askedAccess(['online_access'])).toBe('online');
    expect(askedAccess(['openid'])).toBe('neither');
  });

  test('claims of scopes that are members of every object stay out', () => {
    expect(claimsOfScopes(['constructor', 'toString', 'email'])).toEqual(['email', 'email_verified']);
  });
});

describe('PKCE', () => {
  // RFC 7636 Appendix B.
  const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
  const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

  test('the example of the RFC', () => {
    expect(challengeOf(verifier)).toBe(challenge);
    expect(verifyPkce(verifier, challenge)).toBe(true);
    expect(verifyPkce(`${verifier}x`, challenge)).toBe(false);
  });

  test.each([
    ['too short', 'a'.repeat(42)],
    ['too long', 'a'.repeat(129)],
    ['a foreign character', `${'a'.repeat(42)}!`],
  ])('a verifier that is %s never matches', (_, bad) => {
    expect(verifyPkce(bad, challengeOf(bad))).toBe(false);
  });

  test('a challenge is 43 characters whose last carries no stray bits', () => {
    expect(isCodeChallenge(challenge)).toBe(true);
    expect(isCodeChallenge(`${challenge.slice(0, -1)}N`)).toBe(false);
    expect(isCodeChallenge(`${challenge}=`)).toBe(false);
  });
});

test('prompt: none stands alone, unknown values are malformed', () => {
  expect(parsePrompt(undefined)).toEqual([]);
  expect(parsePrompt('login consent')).toEqual(['login', 'consent']);
  expect(parsePrompt('none')).toEqual(['none']);
  expect(parsePrompt('none login')).toBeNull();
  expect(parsePrompt('sometimes')).toBeNull();
});
