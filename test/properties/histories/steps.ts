import fc from 'fast-check';

/** The people and clients of every history. The shop and the backup prove who they are; the viewer is public. */
export const PEOPLE = ['Jane', 'John'] as const;
export const CLIENTS = ['photo-shop', 'photo-backup', 'photo-viewer'] as const;
export const WAITS = { 'over the grace': 200, 'over the session': 11 * 3_600 } as const;

/** Made up with any number; `Model.resolve` makes it the number of something that exists. */
export type Step =
  | { readonly do: 'sign in' | 'end all of' | 'disable person' | 'enable person'; readonly person: number }
  | { readonly do: 'get a code' | 'issue'; readonly session: number; readonly client: number; readonly offline: boolean }
  | { readonly do: 'redeem'; readonly code: number }
  | { readonly do: 'refresh' | 'revoke refresh token'; readonly family: number; readonly behind: number }
  | { readonly do: 'revoke access token'; readonly token: number }
  | { readonly do: 'log out' | 'operator ends'; readonly session: number }
  | { readonly do: 'withdraw consent' | 'cut off'; readonly person: number; readonly client: number }
  | { readonly do: 'disable client' | 'enable client'; readonly client: number }
  | { readonly do: 'rotate keys' | 'revoke sealing keys' }
  | { readonly do: 'wait'; readonly time: keyof typeof WAITS };

const at = fc.nat(5);
const client = fc.nat(CLIENTS.length - 1);
const person = fc.nat(PEOPLE.length - 1);
const behind = fc.constantFrom(0, 0, 0, 1, 1, 2);
const one = <const T extends string>(...names: T[]) => fc.constantFrom(...names);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: one('refresh'), family: at, behind }) },
  { weight: 5, arbitrary: fc.record({ do: one('issue', 'issue', 'get a code'), session: at, client, offline: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: one('redeem'), code: at }) },
  { weight: 1, arbitrary: fc.record({ do: one('sign in'), person }) },
  { weight: 1, arbitrary: fc.record({ do: one('revoke refresh token'), family: at, behind }) },
  { weight: 1, arbitrary: fc.record({ do: one('revoke access token'), token: at }) },
  { weight: 2, arbitrary: fc.record({ do: one('log out', 'operator ends'), session: at }) },
  { weight: 2, arbitrary: fc.record({ do: one('end all of', 'disable person', 'enable person'), person }) },
  { weight: 2, arbitrary: fc.record({ do: one('withdraw consent', 'cut off'), person, client }) },
  { weight: 3, arbitrary: fc.record({ do: one('disable client', 'enable client'), client }) },
  { weight: 1, arbitrary: fc.record({ do: one('rotate keys', 'rotate keys', 'revoke sealing keys') }) },
  { weight: 1, arbitrary: fc.record({ do: one('wait'), time: one('over the grace', 'over the grace', 'over the session') }) },
);

/** A life that begins with a session and a family: without one most steps do nothing. */
export const histories = fc
  .tuple(client, fc.boolean(), fc.array(step, { minLength: 3, maxLength: 14 }))
  .map(([first, offline, steps]): Step[] => {
    return [{ do: 'sign in', person: 0 }, { do: 'issue', session: 0, client: first, offline }, ...steps];
  });

/** For whoever reads a failure. */
export function sentence(step: Step): string {
  switch (step.do) {
    case 'sign in':
    case 'end all of':
    case 'disable person':
    case 'enable person':
      return `${step.do}: ${PEOPLE[step.person]}`;
    case 'get a code':
    case 'issue':
      return `${step.do}: ${step.offline ? 'offline' : 'online'}, ${CLIENTS[step.client]}, in session ${step.session}`;
    case 'redeem':
      return `redeem code ${step.code}`;
    case 'refresh':
    case 'revoke refresh token':
      return `${step.do} of family ${step.family}, ${step.behind === 0 ? 'the current one' : `${step.behind} behind`}`;
    case 'revoke access token':
      return `revoke access token ${step.token}`;
    case 'log out':
    case 'operator ends':
      return `${step.do}: session ${step.session}`;
    case 'withdraw consent':
    case 'cut off':
      return `${step.do}: ${PEOPLE[step.person]} at ${CLIENTS[step.client]}`;
    case 'disable client':
    case 'enable client':
      return `${step.do}: ${CLIENTS[step.client]}`;
    case 'wait':
      return `wait ${step.time}: ${WAITS[step.time]} s`;
    default:
      return step.do;
  }
}
