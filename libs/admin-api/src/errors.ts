import type { z } from 'zod';
import { type OAuthError, oauthError } from '#libs/protocol';

/** Long enough for a path and what was expected; what a caller sent is not repeated at length. */
const MAX_DESCRIPTION = 200;

/** 404 for something that a path or a body names: `adminNotFound('session')`. */
export function adminNotFound(what: string): OAuthError {
  return oauthError('not_found', { description: `There is no such ${what}.` });
}

/** 409: it exists, and is not in a state in which that could be done. The sentence is fixed text of ours. */
export function adminConflict(description: string): OAuthError {
  return oauthError('conflict', { description });
}

/** 400 with the place inside what was sent. */
export function invalidInput(part: 'path' | 'query' | 'body', error: z.ZodError): OAuthError {
  const [issue] = error.issues;
  const place = [part, ...(issue?.path ?? [])].map(String).join('.');
  return oauthError('invalid_request', { description: `${place}: ${issue?.message ?? 'not understood'}`.slice(0, MAX_DESCRIPTION) });
}
