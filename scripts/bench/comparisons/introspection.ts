import { basic, formRequest } from '../http-request.js';
import type { Answer } from '../load/connection.js';
import { RESOURCE_SERVER, secretOf } from '../stage/bench-config.js';
import type { Mint } from '../stage/mint.js';
import type { Stage } from '../stage/stage.js';
import type { Kind, Subject } from './beside-references.js';
import { inRandomOrder, inTurn, perRun } from './requests.js';

export const KNOWN_TOKENS = 10_000;
/** More than the memo of opened tokens ever holds, so that going round finds none of them again. */
export const MORE_THAN_ANY_MEMO = 60_000;

const headers = { authorization: basic(RESOURCE_SERVER, secretOf(RESOURCE_SERVER)), accept: 'application/json' };
const ACTIVE = Buffer.from('"active":true');
const isRight = ({ status, body }: Answer) => status === 200 && body.includes(ACTIVE);
const asking = (token: string) => formRequest('/introspect', headers, { token, token_type_hint: 'access_token' });

export function introspectionAt(stage: Stage, name = 'lanyard'): Subject {
  const { publicUrl, pid } = stage.member('introspect');
  return { name, host: '127.0.0.1', port: Number(new URL(publicUrl).port), pid };
}

/** The same tokens again and again, in random order. */
export function known(tokens: readonly string[]): Kind {
  const requests = tokens.map(asking);
  return { requests: perRun((run) => inRandomOrder(requests, run + 1)), isRight };
}

/** Tokens that nobody has asked about before. */
export function unseen(mint: Mint, perRunCount: number): Kind {
  return { requests: perRun(() => inTurn(mint.opaque(perRunCount).map(asking))), isRight };
}

/** Tokens that went by so long ago that nobody remembers them. */
export function forgotten(tokens: readonly string[]): Kind {
  const requests = tokens.map(asking);
  let next = 0;
  return { requests: async () => () => requests[next++ % requests.length] as Buffer, isRight };
}
