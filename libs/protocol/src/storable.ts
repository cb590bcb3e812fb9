/** NUL and lone surrogates are valid in the escapes of JSON and YAML and can't be stored: Postgres text and jsonb refuse them. */
const UNSTORABLE = /[\0\p{Surrogate}]/u;

/** The path of the first text, member names included, that can't be stored. */
export function unstorableAt(value: unknown, path: PropertyKey[] = []): PropertyKey[] | null {
  if (typeof value === 'string') return UNSTORABLE.test(value) ? path : null;
  if (typeof value !== 'object' || value === null) return null;
  for (const [name, member] of Object.entries(value)) {
    const place = [...path, Array.isArray(value) ? Number(name) : name];
    const found = UNSTORABLE.test(name) ? place : unstorableAt(member, place);
    if (found) return found;
  }
  return null;
}
