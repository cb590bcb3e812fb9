import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Agent, request } from 'undici';
import { checkedLookup, type Resolve, refusalIn, systemResolve } from './checked-lookup.js';
import { ReceiverPolicy } from './receiver-policy.js';

/** What came back, before anybody judges it. */
export type SendResult =
  | { kind: 'answered'; status: number; retryAfter: string | null }
  | { kind: 'unreachable'; reason: string }
  | { kind: 'refused'; reason: string };

const TIMEOUT_MS = 5_000;
const BODY_LIMIT = 64 * 1024;

/** Posts one logout token (Back-Channel Logout §2.5): a checked address, no redirects, five seconds in all, a bounded answer. */
@Injectable()
export class SendLogoutToken implements OnApplicationShutdown {
  private readonly agent: Agent;
  private readonly timeoutMs: number;

  constructor(
    private readonly policy: ReceiverPolicy,
    { resolve, timeoutMs }: { resolve?: Resolve; timeoutMs?: number } = {},
  ) {
    this.timeoutMs = timeoutMs ?? TIMEOUT_MS;
    this.agent = new Agent({
      connect: { lookup: checkedLookup(policy, resolve ?? systemResolve), timeout: this.timeoutMs },
      keepAliveTimeout: 2_000,
      maxHeaderSize: 16 * 1024,
      pipelining: 1,
    });
  }

  /** The signal is the whole attempt's: resolving, connecting and reading included. */
  async send(url: URL, logoutToken: string): Promise<SendResult> {
    try {
      const signal = AbortSignal.timeout(this.timeoutMs);
      const response = await request(url, {
        method: 'POST',
        dispatcher: this.agent,
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json', 'cache-control': 'no-store' },
        body: new URLSearchParams({ logout_token: logoutToken }).toString(),
        signal,
      });
      // The status is the answer. The rest is read only to free the connection, and never beyond the limit.
      await response.body.dump({ limit: BODY_LIMIT, signal }).catch(() => undefined);
      const retryAfter = response.headers['retry-after'];
      return { kind: 'answered', status: response.statusCode, retryAfter: typeof retryAfter === 'string' ? retryAfter : null };
    } catch (error) {
      const refusal = refusalIn(error);
      if (refusal) return { kind: 'refused', reason: refusal.message };
      return { kind: 'unreachable', reason: this.describe(error) };
    }
  }

  /** Throws ReceiverRefused. */
  check(url: string): URL {
    return this.policy.checkUrl(url);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.agent.destroy();
  }

  private describe(error: unknown): string {
    const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
    if (name === 'TimeoutError') return `no answer within ${this.timeoutMs} ms`;
    return typeof code === 'string' ? code : String(name ?? 'unreachable');
  }
}
