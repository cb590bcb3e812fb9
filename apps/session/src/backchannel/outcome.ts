import type { SendResult } from './send-logout-token.js';

/** `retryAfter`: seconds the receiver asked for, null when it didn't. */
export type Outcome =
  | { kind: 'delivered'; status: number }
  | { kind: 'retry'; status: number | null; reason: string; retryAfter: number | null }
  | { kind: 'dead'; status: number | null; reason: string };

const RECOVERABLE = new Set([408, 425, 429]);

/** Back-Channel Logout §2.5 and §2.8: only what may be recoverable is sent again; 400 is the receiver's last word, and so is a redirect. */
export function outcomeOf(result: SendResult, wallMs: number): Outcome {
  if (result.kind === 'refused') return { kind: 'dead', status: null, reason: `receiver refused by policy: ${result.reason}` };
  if (result.kind === 'unreachable') return { kind: 'retry', status: null, reason: result.reason, retryAfter: null };
  const { status } = result;
  if (status >= 200 && status < 300) return { kind: 'delivered', status };
  if (RECOVERABLE.has(status) || status >= 500) {
    return { kind: 'retry', status, reason: `answered ${status}`, retryAfter: retryAfterSeconds(result.retryAfter, wallMs) };
  }
  if (status >= 300 && status < 400) return { kind: 'dead', status, reason: `answered ${status}: redirects are not followed` };
  return { kind: 'dead', status, reason: status === 400 ? 'the receiver refused the logout token (400)' : `answered ${status}` };
}

/** RFC 9110 §10.2.3: seconds or a date. The date is the receiver's, so the local clock is as good as any. */
function retryAfterSeconds(value: string | null, wallMs: number): number | null {
  if (value === null) return null;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - wallMs) / 1000));
}
