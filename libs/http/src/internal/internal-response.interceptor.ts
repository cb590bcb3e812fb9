import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { map, type Observable } from 'rxjs';
import { internalEndpointOf } from './internal-endpoint-of.js';

/** An answer that breaks the contract must not leave: it becomes a 500 here, where the mistake is, and not a riddle at the caller. */
@Injectable()
export class InternalResponseInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const endpoint = internalEndpointOf(context);
    return next.handle().pipe(map((answer: unknown) => endpoint.response.parse(answer ?? {})));
  }
}
