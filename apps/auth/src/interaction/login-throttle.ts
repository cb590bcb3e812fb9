import ipaddr from 'ipaddr.js';
import type { Counter, CounterState, Limit } from '#libs/ephemeral';

const MINUTE = 60_000;

/**
 * Attempts at a password, per account and per address (SECURITY.md, Lockout). Two windows each, so that waiting grows with
 * persistence; none is long enough for a stranger to keep somebody out for good. An office shares one address, so there right
 * passwords have a bound of their own, far above the wrong ones'.
 */
export const LOGIN_LIMITS = {
  account: [
    { limit: 10, windowMs: 5 * MINUTE },
    { limit: 40, windowMs: 60 * MINUTE },
  ],
  address: [{ limit: 1_000, windowMs: 5 * MINUTE }],
  failures: [
    { limit: 100, windowMs: 5 * MINUTE },
    { limit: 400, windowMs: 60 * MINUTE },
  ],
} as const satisfies Record<string, readonly Limit[]>;

/** A right password must not clear the address's failures: whoever owns one account would try others for ever. */
export class LoginThrottle {
  constructor(
    private readonly accounts: Counter,
    private readonly addresses: Counter,
    private readonly failures: Counter,
  ) {}

  /**
   * Reserves one attempt before any hash is computed (race 16): of 200 parallel posts no more get through than the limit, because the
   * counter decides and not a look at it. Returns the seconds to wait, or null. The address first: who is stopped there
   * can't use up somebody's account. Failures of an address are only looked at here; what runs in parallel may exceed their
   * limit by as much as the hashing queue holds.
   */
  async reserve(username: string, address: string): Promise<number | null> {
    const network = networkOf(address);
    return (
      (await first(LOGIN_LIMITS.failures, (limit, index) => this.failures.peek(`${index}:${network}`, limit))) ??
      (await first(LOGIN_LIMITS.address, (limit, index) => this.addresses.hit(`${index}:${network}`, limit))) ??
      (await first(LOGIN_LIMITS.account, (limit, index) => this.accounts.hit(`${index}:${accountKey(username)}`, limit)))
    );
  }

  async failed(address: string): Promise<void> {
    const network = networkOf(address);
    await Promise.all(LOGIN_LIMITS.failures.map((limit, index) => this.failures.hit(`${index}:${network}`, limit)));
  }

  /** After a success: a person who finally remembered is not held to the earlier attempts. */
  async succeeded(username: string): Promise<void> {
    const key = accountKey(username);
    await Promise.all(LOGIN_LIMITS.account.map((_, index) => this.accounts.reset(`${index}:${key}`)));
  }
}

/** Seconds to wait by the first limit that refuses. */
async function first(limits: readonly Limit[], ask: (limit: Limit, index: number) => Promise<CounterState>): Promise<number | null> {
  for (const [index, limit] of limits.entries()) {
    const { retryAfterMs } = await ask(limit, index);
    if (retryAfterMs !== null) return Math.max(1, Math.ceil(retryAfterMs / 1000));
  }
  return null;
}

/** One spelling per account, as the user store compares names. */
function accountKey(username: string): string {
  return username.normalize('NFKC').trim().toLowerCase();
}

/** An IPv6 customer has a /64 at least: counting single addresses would count nothing. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  return parsed.kind() === 'ipv4' ? parsed.toString() : `${(parsed as ipaddr.IPv6).parts.slice(0, 4).join(':')}/64`;
}
