import type { z } from 'zod';
import type { ServiceName } from './service-names.js';

/**
 * One internal call: always POST with a JSON body on the callee's internal port, authenticated by a service token.
 * `callers` is the route's allow-list. `idempotent` calls are retried once on a reset connection; any call goes again while the callee
 * is not ready, for half the budget. `timeoutMs` is the whole budget, 2,000 unless stated. `beforeReady` routes answer as soon as
 * migrations are done, whatever readiness says.
 */
export interface InternalEndpoint<Req extends z.ZodType = z.ZodType, Res extends z.ZodType = z.ZodType> {
  readonly callee: ServiceName | 'any';
  readonly path: `/internal/${string}`;
  readonly callers: readonly ServiceName[];
  readonly request: Req;
  readonly response: Res;
  readonly idempotent: boolean;
  readonly timeoutMs: number;
  readonly beforeReady: boolean;
}

type Draft<Req extends z.ZodType, Res extends z.ZodType> = Pick<
  InternalEndpoint<Req, Res>,
  'callee' | 'path' | 'callers' | 'request' | 'response'
> &
  Partial<Pick<InternalEndpoint<Req, Res>, 'idempotent' | 'timeoutMs' | 'beforeReady'>>;

export function internalEndpoint<Req extends z.ZodType, Res extends z.ZodType>(draft: Draft<Req, Res>): InternalEndpoint<Req, Res> {
  return { idempotent: false, timeoutMs: 2_000, beforeReady: false, ...draft };
}

export type RequestOf<E extends InternalEndpoint> = z.input<E['request']>;
export type ResponseOf<E extends InternalEndpoint> = z.output<E['response']>;
