import type { LoginFailure } from './login.js';

/** What a person is told, and nothing more: not which field was wrong, not whether there is such an account. */
export function failureMessage(failure: LoginFailure, refused = 'The username or the password is not right.'): string {
  if (failure.outcome === 'refused') return refused;
  const minutes = Math.ceil(failure.retryAfterS / 60);
  return `Too many attempts. Please try again in ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.`;
}

export function failureAnswer(failure: LoginFailure): { status: number; headers?: Record<string, string> } {
  return failure.outcome === 'throttled' ? { status: 429, headers: { 'retry-after': String(failure.retryAfterS) } } : { status: 400 };
}
