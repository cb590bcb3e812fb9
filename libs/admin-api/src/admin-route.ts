import { z } from 'zod';
import type { AdminScope } from '#libs/protocol';

export type AdminMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Shape = z.ZodObject;

/** One route of an admin API: what it takes and answers, and the scope it needs. Also what its OpenAPI entry is made of. */
export interface AdminRouteDefinition<P extends Shape = Shape, Q extends Shape = Shape, B extends z.ZodType = z.ZodType> {
  readonly method: AdminMethod;
  /** Below the service's root, parameters in braces: `/admin/sessions/{sid}`. */
  readonly path: `/admin/${string}`;
  readonly scope: AdminScope;
  /** One sentence, for people. */
  readonly summary: string;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly response: z.ZodType;
  readonly status: number;
  /** Which answers say that all is committed, but takes effect only within the bound: 202 instead of 200. */
  readonly onlyAccepted?: (answer: Readonly<Record<string, unknown>>) => boolean;
  /** Bytes of JSON, where it may be more than what public routes take. At most 1 MB. */
  readonly bodyLimit?: number;
}

const NOTHING = z.strictObject({});
type Nothing = typeof NOTHING;

/**
 * Objects must be `z.strictObject`: an unknown member is a mistake of the caller that must not pass in silence. Left out: no parameters, no query,
 * no body (an empty object is one), status 200.
 */
export function adminRoute<P extends Shape = Nothing, Q extends Shape = Nothing, B extends z.ZodType = Nothing>(
  draft: Pick<AdminRouteDefinition, 'method' | 'path' | 'scope' | 'summary' | 'response'> & {
    params?: P;
    query?: Q;
    body?: B;
    status?: number;
    onlyAccepted?: AdminRouteDefinition['onlyAccepted'];
    bodyLimit?: number;
  },
): AdminRouteDefinition<P, Q, B> {
  return {
    ...draft,
    params: draft.params ?? (NOTHING as unknown as P),
    query: draft.query ?? (NOTHING as unknown as Q),
    body: draft.body ?? (NOTHING as unknown as B),
    status: draft.status ?? 200,
  };
}

/** What a handler receives, after the schemas filled in their defaults. */
export interface AdminInputOf<R extends AdminRouteDefinition> {
  readonly params: z.output<R['params']>;
  readonly query: z.output<R['query']>;
  readonly body: z.output<R['body']>;
}
