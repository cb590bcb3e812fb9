import { z } from 'zod';
import { isScopeToken, parseScope } from '../scopes.js';
import { normalResponseType, RESPONSE_TYPES, SIGNING_ALGS } from '../vocabulary.js';
import { calledUriProblem, originProblem, pageUriProblem, type UriProblem } from './uris.js';

/** The values that several registered members share. */
const checked = (problem: (text: string) => UriProblem) =>
  z
    .string()
    .max(2_000)
    .superRefine((text, context) => {
      const message = problem(text);
      if (message) context.addIssue({ code: 'custom', message });
    });

export const text = z.string().min(1).max(1_000);
export const pageUri = checked(pageUriProblem);
export const calledUri = checked((uri) => calledUriProblem(uri, true));
export const httpsUri = checked((uri) => calledUriProblem(uri, false));
export const origin = checked(originProblem);
/** Its scheme is judged together with application_type. */
export const redirectUri = z.string().min(1).max(2_000);
export const texts = z.array(text).max(100);

export const jwsAlg = z.enum(SIGNING_ALGS, `expected a signature algorithm: ${SIGNING_ALGS.join(', ')}`);
/** Key management and content encryption are registered names of RFC 7518 and its successors; none is built yet. */
export const jweName = z.string().regex(/^[A-Za-z0-9+-]{1,40}$/, 'expected the name of an encryption algorithm');

export const responseType = z
  .string()
  .transform(normalResponseType)
  .pipe(z.enum(RESPONSE_TYPES, `expected one of: ${RESPONSE_TYPES.join(', ')}`));

export const scopeText = z.string().superRefine((value, context) => {
  const bad = value
    .split(' ')
    .filter(Boolean)
    .find((name) => !isScopeToken(name));
  if (bad !== undefined) context.addIssue({ code: 'custom', message: `expected scope names separated by spaces; "${bad}" is none` });
  else if (!bounded(value)) context.addIssue({ code: 'custom', message: 'expected at most 100 scopes and 4096 characters' });
});

function bounded(value: string): boolean {
  try {
    parseScope(value);
    return true;
  } catch {
    return false;
  }
}

/** Public keys only: a private member in a registration is a leak, and must not be stored. */
export const jwks = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })).max(50) }).superRefine((set, context) => {
  set.keys.forEach((key, index) => {
    const leak = ['d', 'p', 'q', 'k'].find((member) => member in key);
    if (leak) context.addIssue({ code: 'custom', path: ['keys', index, leak], message: 'expected public keys only' });
  });
});
