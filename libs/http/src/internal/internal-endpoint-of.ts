import type { ExecutionContext } from '@nestjs/common';
import type { InternalEndpoint } from '#libs/contracts';

export const INTERNAL_ENDPOINT = Symbol('INTERNAL_ENDPOINT');

export function internalEndpointOf(context: ExecutionContext): InternalEndpoint {
  const endpoint: unknown = Reflect.getMetadata(INTERNAL_ENDPOINT, context.getHandler());
  if (!endpoint) throw new Error(`${context.getClass().name}.${context.getHandler().name} is not an @Internal endpoint`);
  return endpoint as InternalEndpoint;
}

/** The caller broke the contract: 400 with the place, since both ends are ours. */
export class InternalRequestInvalid extends Error {
  readonly place: string;
  constructor(issue: { readonly message: string; readonly path: readonly PropertyKey[] } | undefined) {
    super(issue?.message ?? 'does not fit the contract');
    this.place = issue?.path.map(String).join('.') ?? '';
  }
}

export class InternalCallRefused extends Error {
  constructor(
    readonly status: 401 | 403 | 503,
    readonly code: 'unauthorized' | 'forbidden' | 'not_ready',
    detail: string,
  ) {
    super(detail);
  }
}
