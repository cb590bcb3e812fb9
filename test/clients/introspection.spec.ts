import { sessionApi } from '#libs/contracts';
import { type InProcessServices, STORY, secretOf, startServices, testConfig, until } from '#libs/testing';
import { QuickSessions } from '../numbers/quick-sessions.js';
import { type Introspector, LIBRARIES } from './introspecting.js';

/** Introspection by libraries that no one here wrote: RFC 7662 as JSON, and RFC 9701 signed, which they verify by our key set. */
let services: InProcessServices;
let sessions: QuickSessions;
beforeAll(async () => {
  services = await startServices({
    config: testConfig({ clients: [{ client_id: 'prints-api', introspection_signed_response_alg: 'ES256' }] }),
  });
  sessions = await QuickSessions.of(services.world);
}, 360_000);
afterAll(() => services?.stop());

/** An API, the form of its tokens, and how its signed answers are signed: by default (RFC 9701 §6), or as it registered. */
const APIS = [
  { clientId: 'photos-api', audience: STORY.photosApi, scope: 'photos:read', tokens: 'opaque tokens', alg: 'RS256' },
  { clientId: 'prints-api', audience: STORY.printsApi, scope: 'prints:order', tokens: 'JWTs', alg: 'ES256' },
] as const;
const FORMS = ['JSON', 'signed'] as const;
const CASES = LIBRARIES.flatMap(([library, introspect]) =>
  APIS.flatMap((api) => FORMS.map((form) => ({ library, introspect, form, ...api }))),
);

const scopesOf = (scope: string) => ['openid', scope, 'online_access'];
/** A stalled machine's view is not fresh for a moment: 503, which the libraries throw. */
const patient = <T>(ask: () => Promise<T>) => until(ask, { what: 'an answer to an introspection' });

describe.each(CASES)('$library, asking about $tokens ($form)', ({ introspect, form, clientId, audience, scope, alg }) => {
  const who = (rest: Partial<Introspector> = {}): Introspector => ({
    ...{ issuer: services.world.issuer, clientId, secret: secretOf(clientId) },
    ...(form === 'signed' ? { signedBy: alg } : {}),
    ...rest,
  });

  it('is told who and what it is, until its session has ended', async () => {
    const { sid, accessTokens } = await sessions.startWith([scopesOf(scope)]);
    const [token = ''] = accessTokens;
    expect(await patient(() => introspect(who(), token))).toMatchObject({
      ...{ active: true, iss: services.world.issuer, aud: audience, client_id: 'photo-shop', sid, token_type: 'Bearer' },
      scope: scopesOf(scope).join(' '),
    });
    await services.world.call('auth', sessionApi.end, { sid, reason: 'admin', initiated_by: 'admin', actor: null });
    // When, other specs say; here, that the library reads it as what it is.
    const inactive = async () => {
      const answer = await introspect(who(), token);
      return answer.active === false && answer;
    };
    expect(await until(inactive, { what: 'inactive' })).toEqual({ active: false });
  });

  it('is told nothing about a token of another API, nor about what is none', async () => {
    const other = APIS.find((api) => api.clientId !== clientId);
    const { accessTokens } = await sessions.startWith([scopesOf(other?.scope ?? '')]);
    expect(await patient(() => introspect(who(), accessTokens[0] ?? ''))).toEqual({ active: false });
    expect(await patient(() => introspect(who(), 'made-up'))).toEqual({ active: false });
  });

  it('is refused with a wrong secret, by 401', async () => {
    await expect(introspect(who({ secret: `${secretOf(clientId)}-not` }), 'made-up')).rejects.toMatchObject({ status: 401 });
  });
});
