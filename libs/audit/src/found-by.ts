/** Instead of what was asked for. */
const NOT_FOUND = 'not found';

/**
 * What a list was filtered by, as its audit may say it: by name only if something was found by it. Operators paste tokens and passwords into
 * the wrong field as well, and what is in an audit stays there.
 */
export function foundBy<F extends Record<string, string | null>>(filters: F, found: number): F {
  if (found > 0) return filters;
  return Object.fromEntries(Object.entries(filters).map(([name, value]) => [name, value === null ? null : NOT_FOUND])) as F;
}
