import type { Situation } from './situation.js';

/** What the page asks about. `fixed` comes with the answer "allow"; `optional` may be unticked; `offline` shows the warning. */
export interface ConsentQuestion {
  readonly fixed: readonly string[];
  readonly optional: readonly string[];
  readonly offline: boolean;
}

/** These two say who the person is and that it ends with the session: nothing that could be kept back. */
const FIXED: ReadonlySet<string> = new Set(['openid', 'online_access']);

/**
 * The page is shown when something asked for was not agreed to before, or prompt=consent says so. First-party applications skip
 * it unless prompt=consent. offline_access alone never brings the page up (DESIGN, Decided): without prompt=consent it is granted if
 * it was agreed to, now or earlier, and dropped otherwise.
 */
export function consentNeeded({ request, client, consent, remembered }: Situation, sub: string): ConsentQuestion | null {
  if (consent?.sub === sub) return null;
  const asked = request.prompt.includes('consent');
  if (!asked && client.metadata.first_party) return null;
  const optional = request.scope.filter((name) => !FIXED.has(name) && name !== 'offline_access');
  const covered = remembered !== null && optional.every((name) => remembered.scopes.includes(name) || remembered.declined.includes(name));
  if (!asked && covered) return null;
  return { fixed: request.scope.filter((name) => FIXED.has(name)), optional, offline: request.access === 'offline' };
}
