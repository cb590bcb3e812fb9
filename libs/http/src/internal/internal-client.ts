import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Agent, request as send } from 'undici';
import type { InternalEndpoint, RequestOf, ResponseOf, ServiceName } from '#libs/contracts';
import type { HttpConfig } from '../http-config.js';
import { HTTP_CONFIG } from '../http-tokens.js';
import { currentRequestId } from '../request-context.js';
import { InternalCallError } from './internal-call-error.js';
import { ServiceTokens } from './service-tokens.js';

export interface CallOptions {
  /** Of the request that this call is made for, where the service keeps no request context (`requestContext: false`). */
  readonly requestId?: string;
  /** Where to call, when not the callee's configured address: a view's registered address. */
  readonly baseUrl?: string;
  /** The whole budget; the endpoint's own unless given. */
  readonly timeoutMs?: number;
  /** Whom the service token is for, when the endpoint's callee is `any`. Default: any of us. */
  readonly audience?: ServiceName;
}

/** A connection the peer closed under us: the request may or may not have been read, so only idempotent calls go again. */
const RESET = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_CLOSED']);

/** What the guard of a callee says before it has read anything: whatever the call would have done, it has not begun. */
const NOT_READY = 'not_ready';
/** A callee back from a pause knows the log again within tens of milliseconds, and behind an address there may be others. */
const FIRST_WAIT_MS = 25;

/**
 * Calls another service. Request and answer are validated against the contract, the budget covers everything including the
 * retries (one after a reset connection when the call is idempotent; half the budget long while the callee says that it is not
 * ready), and every failure is an InternalCallError: the caller decides what it means, nothing is swallowed.
 */
@Injectable()
export class InternalClient implements OnApplicationShutdown {
  private readonly agent = new Agent({
    connections: 64,
    pipelining: 1,
    keepAliveTimeout: 30_000,
    connect: { timeout: 1_000 },
    maxResponseSize: 8 * 1024 * 1024,
  });

  constructor(
    @Inject(HTTP_CONFIG) private readonly config: Pick<HttpConfig, 'internalUrls'>,
    private readonly tokens: ServiceTokens,
  ) {}

  async call<E extends InternalEndpoint>(endpoint: E, request: RequestOf<E>, options: CallOptions = {}): Promise<ResponseOf<E>> {
    const input = endpoint.request.safeParse(request);
    if (!input.success)
      throw new InternalCallError('invalid', endpoint.path, null, null, { detail: where(input.error), cause: input.error });
    const budget = options.timeoutMs ?? endpoint.timeoutMs;
    const began = performance.now();
    const body = JSON.stringify(request);
    for (let waitMs = FIRST_WAIT_MS, mayReset = endpoint.idempotent; ; ) {
      try {
        return await this.once(endpoint, body, began + budget, options);
      } catch (error) {
        if (!(error instanceof InternalCallError)) throw error;
        if (error.code === NOT_READY && performance.now() + waitMs < began + budget / 2) {
          await delay(waitMs);
          waitMs *= 2;
        } else if (mayReset && wasReset(error)) mayReset = false;
        else throw error;
      }
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.agent.destroy();
  }

  private async once<E extends InternalEndpoint>(
    endpoint: E,
    body: string,
    deadline: number,
    options: CallOptions,
  ): Promise<ResponseOf<E>> {
    const { path } = endpoint;
    const left = Math.ceil(deadline - performance.now());
    if (left <= 0) throw new InternalCallError('unavailable', path, null, null, { detail: 'out of time' });
    let status: number;
    let answer: unknown;
    try {
      const response = await send(new URL(path, this.baseUrl(endpoint, options)), {
        method: 'POST',
        dispatcher: this.agent,
        body,
        signal: AbortSignal.timeout(left),
        headers: this.headers(endpoint, options),
      });
      status = response.statusCode;
      answer = parse(await response.body.text());
    } catch (cause) {
      throw new InternalCallError('unavailable', path, null, null, { cause, detail: cause instanceof Error ? cause.message : undefined });
    }
    if (status !== 200) throw new InternalCallError(kindOf(status), path, status, codeOf(answer));
    const output = endpoint.response.safeParse(answer);
    if (!output.success) throw new InternalCallError('invalid', path, status, null, { detail: where(output.error), cause: output.error });
    return output.data as ResponseOf<E>;
  }

  private baseUrl(endpoint: InternalEndpoint, options: CallOptions): string {
    if (options.baseUrl) return options.baseUrl;
    if (endpoint.callee === 'any') throw new Error(`${endpoint.path} is served by many: say which by baseUrl`);
    return this.config.internalUrls[endpoint.callee];
  }

  private headers(endpoint: InternalEndpoint, options: CallOptions): Record<string, string> {
    const audience = endpoint.callee === 'any' ? (options.audience ?? '*') : endpoint.callee;
    const requestId = options.requestId ?? currentRequestId();
    return {
      'content-type': 'application/json',
      accept: 'application/json',
      authorization: `Bearer ${this.tokens.for(audience)}`,
      ...(requestId ? { 'x-request-id': requestId } : {}),
    };
  }
}

function kindOf(status: number): 'unavailable' | 'refused' | 'invalid' {
  if (status >= 500 || status === 429 || status === 408) return 'unavailable';
  return status === 400 ? 'invalid' : 'refused';
}

function codeOf(answer: unknown): string | null {
  const code = (answer as { error?: unknown } | null)?.error;
  return typeof code === 'string' ? code : null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function where(error: { issues: readonly { path: PropertyKey[]; message: string }[] }): string {
  const [first] = error.issues;
  return first ? `${first.path.map(String).join('.')}: ${first.message}` : 'does not fit the contract';
}

function wasReset(error: InternalCallError): boolean {
  const code = (error.cause as { code?: unknown } | undefined)?.code;
  return error.kind === 'unavailable' && typeof code === 'string' && RESET.has(code);
}
