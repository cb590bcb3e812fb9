import type { ClientRecord } from '#libs/contracts';
import { Pepper } from '#libs/database';
import type { Counter, CounterState, Limit } from '#libs/ephemeral';
import { clientMetadata, providerSettings } from '#libs/protocol';
import { clientOf, hashClientSecret } from '../src/index.js';

export const pepper = new Pepper('a pepper for tests that is long enough');
export const settings = providerSettings.parse({});
export const STRONG = 'a-secret-of-more-than-thirty-two-characters';
export const WEAK = 'short';

export function record(clientId: string, metadata: Record<string, unknown> = {}, secrets: string[] = [STRONG]): ClientRecord {
  return {
    client_id: clientId,
    gen: 1,
    disabled: false,
    scopes: [],
    metadata: { ...clientMetadata.parse(metadata) },
    secrets: secrets.map((secret) => hashClientSecret(pepper, secret)),
  };
}

export function directoryOf(...records: ClientRecord[]) {
  return { get: async (id: string) => records.filter((one) => one.client_id === id).map((one) => clientOf(one, settings))[0] ?? null };
}

/** Counts what is asked of the store; `libs/ephemeral` proves the real one. */
export class CountingCounter implements Counter {
  readonly counts = new Map<string, number>();
  touched = 0;

  async hit(key: string, limit: Limit): Promise<CounterState> {
    this.touched += 1;
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    return { count, retryAfterMs: count > limit.limit ? 30_500 : null };
  }

  async peek(key: string, limit: Limit): Promise<CounterState> {
    this.touched += 1;
    const count = this.counts.get(key) ?? 0;
    return { count, retryAfterMs: count >= limit.limit ? 30_500 : null };
  }

  async reset(key: string): Promise<void> {
    this.counts.delete(key);
  }
}
