import { type ClientMetadata, clientMetadata, unstorableAt } from '#libs/protocol';
import { ISSUED_MEMBERS, needsSecret } from './client-schema.js';
import { checkClient, type Known } from './cross-checks.js';

export interface RegistrationProblem {
  readonly path: PropertyKey[];
  readonly message: string;
}

export type Registration =
  | { readonly metadata: ClientMetadata; readonly needsSecret: boolean }
  | { readonly problems: RegistrationProblem[] };

/** A registration that comes from elsewhere than the file, judged by the same schema and rules. What the server issues is not in it. */
export function parseRegistration(written: Readonly<Record<string, unknown>>, known: Known): Registration {
  const unstorable = unstorableAt(written);
  if (unstorable) return { problems: [{ path: unstorable, message: 'expected text without NUL and unpaired surrogates' }] };
  const issued = Object.keys(written).filter((name) => ISSUED_MEMBERS.includes(name));
  if (issued.length > 0) return { problems: issued.map((name) => ({ path: [name], message: 'expected none: the server issues it' })) };
  const parsed = clientMetadata.safeParse(written);
  if (!parsed.success) return { problems: parsed.error.issues.map(({ path, message }) => ({ path, message })) };
  const problems: RegistrationProblem[] = [];
  checkClient({ metadata: parsed.data }, known, (path, message) => problems.push({ path, message }));
  return problems.length > 0 ? { problems } : { metadata: parsed.data, needsSecret: needsSecret(parsed.data) };
}
