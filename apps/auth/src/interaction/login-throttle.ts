import ipaddr from 'ipaddr.js';
import type { Counter, Limit } from '#libs/ephemeral';

const MINUTE = 60_000;

/**
 * Attempts at a password, per account and per address (SECURITY.md, Lockout). Two windows each, so that waiting grows with
 * persistence; none is long enough for a stranger to keep somebody out for good.
 */
export const LOGIN_LIMITS = {
  account: [
    { limit: 10, windowMs: 5 * MINUTE },
    { limit: 40, windowMs: 60 * MINUTE },
  ],
  address: [
    { limit: 100, windowMs: 5 * MINUTE },
    { limit: 600, windowMs: 60 * MINUTE },
  ],
} as const satisfies Record<string, readonly Limit[]>;

export class LoginThrottle {
  constructor(
    private readonly accounts: Counter,
    private readonly addresses: Counter,
  ) {}

  /**
   * Reserves one attempt before any hash is computed (race 16): of 200 parallel posts no more get through than the limit, because the
   * counter decides and not a look at it. Returns the seconds to wait, or null. The address first: who is stopped there
   * can't use up somebody's account.
   */
  async reserve(username: string, address: string): Promise<number | null> {
    const byAddress = await hitAll(this.addresses, networkOf(address), LOGIN_LIMITS.address);
    return byAddress ?? hitAll(this.accounts, accountKey(username), LOGIN_LIMITS.account);
  }

  /** After a success: a person who finally remembered is not held to the earlier attempts. */
  async succeeded(username: string): Promise<void> {
    const key = accountKey(username);
    await Promise.all(LOGIN_LIMITS.account.map((_, index) => this.accounts.reset(`${index}:${key}`)));
  }
}

async function hitAll(counter: Counter, key: string, limits: readonly Limit[]): Promise<number | null> {
  let wait: number | null = null;
  for (const [index, limit] of limits.entries()) {
    const { retryAfterMs } = await counter.hit(`${index}:${key}`, limit);
    if (retryAfterMs !== null) wait = Math.max(wait ?? 0, Math.ceil(retryAfterMs / 1000));
    if (wait !== null) break;
  }
  return wait;
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
