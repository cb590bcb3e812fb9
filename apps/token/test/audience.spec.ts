import fc from 'fast-check';
import type { ScopeRecord } from '#libs/contracts';
import { targetOf } from '../src/issuing/audience.js';
import { narrowResources, narrowScope } from '../src/issuing/narrow-scope.js';

const ISSUER = 'https://as.example';
const record = (name: string, api: string | null, format: 'opaque' | 'jwt' | null): ScopeRecord => ({
  name,
  description: null,
  api,
  access_token_format: format,
});
const KNOWN = [
  record('openid', null, null),
  record('profile', null, null),
  record('photos:read', 'https://photos', 'opaque'),
  record('photos:write', 'https://photos', 'opaque'),
  record('prints:order', 'https://prints', 'jwt'),
  record('mail:send', 'https://mail', 'jwt'),
];
const of = (scope: string[], resources: string[] = []) => targetOf({ scope, resources }, KNOWN, ISSUER);

describe('for whom an access token is', () => {
  it.each([
    [['openid', 'profile'], { aud: ISSUER, format: 'opaque' }],
    [['openid', 'photos:read'], { aud: 'https://photos', format: 'opaque' }],
    [['photos:read', 'photos:write'], { aud: 'https://photos', format: 'opaque' }],
    [['prints:order'], { aud: 'https://prints', format: 'jwt' }],
    [['prints:order', 'mail:send'], { aud: ['https://prints', 'https://mail'], format: 'jwt' }],
    [['photos:read', 'prints:order'], { aud: ['https://photos', 'https://prints'], format: 'opaque' }],
  ])('without a resource, scopes %p give %p', (scope, expected) => {
    expect(of(scope)).toMatchObject({ ...expected, scope });
  });

  it('with a resource carries that API’s scopes and the standard ones', () => {
    expect(of(['openid', 'photos:read', 'prints:order'], ['https://prints'])).toEqual({
      aud: 'https://prints',
      format: 'jwt',
      scope: ['openid', 'prints:order'],
    });
  });

  it('refuses a resource that the client has no scope of', () => {
    expect(() => of(['photos:read'], ['https://elsewhere'])).toThrow(expect.objectContaining({ code: 'invalid_target' }));
  });

  it('never names an API whose scope it does not carry, and never a scope it was not given', () => {
    fc.assert(
      fc.property(fc.subarray(KNOWN.map(({ name }) => name)), (scope) => {
        const target = of(scope);
        const apis = [target.aud].flat().filter((aud) => aud !== ISSUER);
        expect(new Set(apis)).toEqual(new Set(KNOWN.filter(({ name, api }) => api && target.scope.includes(name)).map(({ api }) => api)));
        expect(scope).toEqual(expect.arrayContaining([...target.scope]));
      }),
    );
  });
});

describe('narrowing', () => {
  it('takes less, keeps everything where nothing is asked, and refuses more', () => {
    expect(narrowScope(['a', 'b'], ['b'])).toEqual(['b']);
    expect(narrowScope(['a', 'b'], null)).toEqual(['a', 'b']);
    expect(() => narrowScope(['a'], ['a', 'b'])).toThrow(expect.objectContaining({ code: 'invalid_scope' }));
    expect(narrowResources([], ['x'])).toEqual(['x']);
    expect(() => narrowResources(['x'], ['y'])).toThrow(expect.objectContaining({ code: 'invalid_target' }));
  });
});
