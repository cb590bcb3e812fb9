import { BearerError, createResourceServer } from '#libs/resource-server';
import { STORY, secretOf, until } from '#libs/testing';
import type { RawClient } from '../../actors/raw-client.js';

/** What an API does with a token: what it says to whoever shows it. */
export interface Api {
  readonly name: string;
  readonly form: 'opaque' | 'jwt';
  verify(header: string): Promise<'accepted' | 'refused' | 'unavailable' | 'undeclared'>;
  stop(): void;
}

const FORMS = [
  { form: 'opaque', audience: STORY.photosApi, clientId: 'photos-api' },
  { form: 'jwt', audience: STORY.printsApi, clientId: 'prints-api' },
] as const;
const POLICIES = ['introspect', 'refuse'] as const;

/** Those with the library; and of them, those that refuse while nothing proves that their copy is current. */
export const EVERYBODY = FORMS.flatMap(({ form }) => POLICIES.map((policy) => `${form}, ${policy}`));
export const REFUSING = EVERYBODY.filter((name) => name.endsWith('refuse'));

const ORDINARY = 'an ordinary cache';
export const isOurs = (api: string): boolean => api !== ORDINARY;

/** One API for each form of token and policy, with the library as it is published. */
export async function fourApis(issuer: string): Promise<Api[]> {
  return Promise.all(
    FORMS.flatMap(({ form, audience, clientId }) =>
      POLICIES.map(async (otherwise): Promise<Api> => {
        const credentials = { clientId, clientSecret: secretOf(clientId) };
        const server = await until(() => createResourceServer({ issuer, audience, credentials, freshness: { otherwise } }));
        return {
          name: `${form}, ${otherwise}`,
          form,
          verify: (header) => server.verify(header).then(() => 'accepted', outcomeOf),
          stop: () => server.stop(),
        };
      }),
    ),
  );
}

function outcomeOf(error: unknown) {
  if (!(error instanceof BearerError)) return 'undeclared';
  if (error.status === 503) return 'unavailable';
  return error.status === 401 && error.code === 'invalid_token' ? 'refused' : 'undeclared';
}

/**
 * What everybody does: introspects, and keeps the answer until the token expires (RFC 7662 §4 allows it). It is called like the others, to show that a history
 * of these callers can tell one that keeps the promise from one that doesn't.
 */
export function ordinaryCache(client: RawClient): Api {
  const active = new Set<string>();
  return {
    name: ORDINARY,
    form: 'opaque',
    async verify(header) {
      if (active.has(header)) return 'accepted';
      const answer = await client.introspect(header.slice('Bearer '.length)).catch(() => null);
      if (answer?.status !== 200) return 'unavailable';
      if (answer.body.active === true) active.add(header);
      return answer.body.active === true ? 'accepted' : 'refused';
    },
    stop: () => undefined,
  };
}
