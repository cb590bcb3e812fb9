export interface UntilOptions {
  timeoutMs?: number;
  everyMs?: number;
  /** What is waited for; the message when it doesn't come. */
  what?: string;
}

type Falsy = false | null | undefined | 0 | '';

/** Waits for a condition, not for a time: polls until it is truthy (or stops throwing) and answers with its value. */
export async function until<T>(condition: () => T | Falsy | Promise<T | Falsy>, options: UntilOptions = {}): Promise<T> {
  const { timeoutMs = 20_000, everyMs = 20, what = condition.toString() } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const attempt = await tried(condition);
    if ('value' in attempt && attempt.value) return attempt.value as T;
    if (performance.now() > deadline) {
      throw new Error(`after ${timeoutMs} ms still not: ${what}`, { cause: 'error' in attempt ? attempt.error : undefined });
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

async function tried<T>(condition: () => T | Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await condition() };
  } catch (error) {
    return { error };
  }
}
