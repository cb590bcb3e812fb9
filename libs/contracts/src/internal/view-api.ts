import { z } from 'zod';
import { internalEndpoint } from '../internal-endpoint.js';
import { revocationEntry } from '../revocation-entry.js';

/**
 * Served by every process that holds a view. A hint is a revocation entry sent straight after the commit; it may be lost,
 * repeated or early, because the set only grows and the log repeats it. 204-equivalent: `{}` after the entries are in the set.
 */
export const viewApi = {
  hint: internalEndpoint({
    callee: 'any',
    path: '/internal/hints',
    callers: ['session', 'token', 'auth'],
    request: z.strictObject({ entries: z.array(revocationEntry).max(1000) }),
    response: z.strictObject({}),
    idempotent: true,
    timeoutMs: 500,
    beforeReady: true,
  }),
};
