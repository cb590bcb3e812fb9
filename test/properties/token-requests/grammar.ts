import fc from 'fast-check';

/** Who the request is from, and how it says so. `shop` is registered for Basic, `viewer` is public, `press` has client_credentials alone. */
const caller = fc.constantFrom('shop', 'book', 'viewer', 'press');
const authentication = fc.oneof(
  { weight: 8, arbitrary: fc.constant('right' as const) },
  { weight: 4, arbitrary: fc.constantFrom('none', 'name only', 'post', 'both', 'wrong secret', 'secret of another', 'disabled client') },
);
const often = <const T extends string>(usual: T, ...rest: T[]) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(usual) }, { weight: 3, arbitrary: fc.constantFrom(...rest) });

/** One POST /token; every field is one decision, so that a counterexample shrinks to the fields that matter. */
export const tokenRequests = fc.record({
  caller,
  authentication,
  grantType: fc.constantFrom('authorization_code', 'authorization_code', 'refresh_token', 'client_credentials', 'password', ''),
  artefact: often('right', 'of another client', 'spent', 'altered', 'truncated', 'missing'),
  withChallenge: fc.boolean(),
  verifier: often('right', 'wrong', 'missing', 'too short'),
  redirectUri: often('right', 'missing', 'other', 'written differently'),
  scope: often('unsaid', 'subset', 'superset', 'unknown', 'twice', 'empty', 'malformed'),
  resource: often('unsaid', 'photos', 'not granted', 'prints and photos', 'unknown'),
  noise: often('none', 'grant_type twice', 'code twice', 'empty values', 'unknown parameter', 'in the query'),
  transport: fc.oneof(
    { weight: 12, arbitrary: fc.constant('form' as const) },
    { weight: 1, arbitrary: fc.constantFrom('json', 'text', 'get') },
  ),
});
type Value<A> = A extends fc.Arbitrary<infer T> ? T : never;
export type MadeUp = Value<typeof tokenRequests>;

/** What a counterexample starts from: everything right. */
export const WELL_FORMED: MadeUp = {
  caller: 'shop',
  authentication: 'right',
  grantType: 'authorization_code',
  artefact: 'right',
  withChallenge: true,
  verifier: 'right',
  redirectUri: 'right',
  scope: 'unsaid',
  resource: 'unsaid',
  noise: 'none',
  transport: 'form',
};
