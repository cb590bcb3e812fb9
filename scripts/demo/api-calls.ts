import { type Api, type Apis, answerOf, refusalOf } from './apis.js';
import type { RelyingParty, Tokens } from './relying-party.js';
import type { Timeline } from './timeline.js';

/** An API, and the token in the form that it takes. */
export interface ApiCall {
  readonly api: Api;
  readonly token: string;
}

interface Parties {
  readonly shop: RelyingParty;
  /** The print API, as it is registered. */
  readonly prints: RelyingParty;
}

/** Two APIs that judge for themselves, and one that a gateway judges for: all take her tokens. The shop's tokens afterwards are given back. */
export async function callApis(apis: Apis, { shop, prints }: Parties, tokens: Tokens, time: Timeline) {
  time.chapter('The shop calls three APIs for her');
  const opened = await apis.start(time);
  const [resource = ''] = prints.client.metadata.resource_server_for;
  const forPrints = await time.step('refresh, for the print API alone', () => shop.refresh(tokens, resource));
  time.expect('that access token is a JWT', forPrints.access.split('.').length === 3);
  const calls = opened.map((api): ApiCall => ({ api, token: api.takes === 'jwt' ? forPrints.access : tokens.access }));
  for (const { api, token } of calls) {
    const status = await answerOf(api, token);
    time.expect(`${api.name} accepts the ${formOf(api)} (200)`, status === 200, String(status));
  }
  return { calls, shop: { ...tokens, refresh: forPrints.refresh } };
}

/** Asked until it is: the line says when that was. */
export async function refusedByApi({ api, token }: ApiCall, boundMs: number, time: Timeline): Promise<void> {
  const status = await refusalOf(api, token, boundMs);
  time.expect(`${api.name} refuses the ${formOf(api)} (401)`, status === 401, String(status));
}

function formOf({ takes }: Api): string {
  return takes === 'jwt' ? 'JWT' : 'opaque token';
}
