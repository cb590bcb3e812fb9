/** The message for a name nobody knows; with the nearest known one, since most unknown names are slips of the pen. */
export function unknownMember(name: string, known: readonly string[]): string {
  const nearest = known.map((candidate) => ({ candidate, distance: distance(name, candidate) })).sort((a, b) => a.distance - b.distance)[0];
  const hint = nearest && nearest.distance <= Math.max(1, Math.floor(name.length / 4)) ? `; did you mean ${nearest.candidate}?` : '';
  return `unknown key${hint}`;
}

/** Levenshtein. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
