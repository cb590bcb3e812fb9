import type { Random } from './random.js';

const WRONG: readonly unknown[] = [
  '\u0000',
  'a\u0000b',
  '\ud800',
  '',
  -1,
  0,
  0.5,
  2 ** 53,
  8.64e15,
  8.64e15 + 1,
  -8.64e15,
  1e308,
  9_223_372_036_854_775_807n.toString(),
  null,
  true,
  [],
  {},
  [[]],
  'x'.repeat(400),
];

/** A cursor that is well made and says something else: a member changed, left out, added, or another list's name. */
export function mutatedCursor(cursor: string, others: readonly string[], random: Random): string {
  const members = membersOf(cursor);
  if (members.length === 0) return cursor;
  const at = random.below(members.length);
  switch (random.below(6)) {
    case 0:
      members.splice(at, 1);
      break;
    case 1:
      members.splice(at, 0, random.of(WRONG));
      break;
    case 2:
      return encoded([...members.slice(0, 1), ...membersOf(random.of(others)).slice(1)]);
    case 3:
      return random.of(others);
    default: {
      // the first says which list it is: past it lies what reaches SQL
      const inside = members.length > 1 && random.chance(0.9) ? 1 + random.below(members.length - 1) : at;
      members[inside] = changed(members[inside], random);
    }
  }
  return encoded(members);
}

function changed(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || random.chance(0.3)) return random.of(WRONG);
  const [name] = Object.keys(value).length > 0 ? [random.of(Object.keys(value))] : ['a'];
  return { ...value, [name ?? 'a']: random.of(WRONG) };
}

function membersOf(cursor: string): unknown[] {
  try {
    const members = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown;
    return Array.isArray(members) ? members : [];
  } catch {
    return [];
  }
}

function encoded(members: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(members)).toString('base64url');
}
