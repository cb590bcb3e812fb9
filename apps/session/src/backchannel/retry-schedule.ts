const FIRST_S = 1;
const LONGEST_S = 3_600;

/**
 * Seconds until the next attempt: doubling from a second to an hour, each spread over its upper half so that receivers that failed together
 * are not met together again. A receiver's Retry-After is honoured up to the hour.
 */
export function retryDelay(attempts: number, retryAfter: number | null, random: () => number = Math.random): number {
  const step = Math.min(LONGEST_S, FIRST_S * 2 ** Math.min(attempts, 20));
  const own = Math.max(FIRST_S, step / 2 + (random() * step) / 2);
  return Math.min(LONGEST_S, Math.max(own, retryAfter ?? 0));
}
