import { AsyncLocalStorage } from 'node:async_hooks';

/** Carries nothing but the request id, for log lines and internal calls. Decisions never read it. */
const storage = new AsyncLocalStorage<string>();

export function currentRequestId(): string | undefined {
  return storage.getStore();
}

export function runWithRequestId<T>(requestId: string, work: () => T): T {
  return storage.run(requestId, work);
}
