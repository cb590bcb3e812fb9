import type { Asking } from './ask.js';
import type { MadeUp } from './grammar.js';
import { expected } from './model.js';

/** One request against the model: what differs, in words; empty: nothing. */
export async function differences(asking: Asking, asked: MadeUp, model = expected): Promise<string[]> {
  const wanted = model(asked);
  const { answer, usable } = await asking.ask(asked);
  const { status, headers, body } = answer;
  const found: string[] = [];
  const check = (name: string, got: unknown, want: unknown) => {
    if (JSON.stringify(got) !== JSON.stringify(want)) found.push(`${name}: ${JSON.stringify(got)}, not ${JSON.stringify(want)}`);
  };
  check('Cache-Control', headers.get('cache-control'), 'no-store');
  if (wanted.errors.length > 0) {
    const error = String(body.error);
    if (!wanted.errors.includes(error)) found.push(`error: ${status} ${error}, not one of ${wanted.errors.join(', ')}`);
    check('status', status, asked.transport === 'get' ? 405 : error === 'invalid_client' ? 401 : 400);
    // RFC 9110 §15.5.6
    if (status === 405) check('Allow', headers.get('allow'), 'POST');
    // RFC 6749 §5.2: 401 with the scheme that the client used.
    check('WWW-Authenticate', headers.get('www-authenticate')?.startsWith('Basic ') ?? false, status === 401);
  } else {
    check('status', status, 200);
    check('members', Object.keys(body).sort(), [...wanted.members].sort());
    check('scope', String(body.scope).split(' ').sort(), [...wanted.scope].sort());
  }
  const after = await usable();
  if (after !== null) check('usable afterwards', after, wanted.usableAfter);
  return found;
}
