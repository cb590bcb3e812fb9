import type { Random } from './random.js';

export type Schema = Record<string, unknown>;
/** What is known under a member's name: real ids and tokens, so that most requests get somewhere. */
export type Known = (name: string) => readonly string[];

const STRINGS = [
  '',
  ' ',
  'a',
  'öß🔑',
  '\u0000',
  '__proto__',
  '../..',
  '%00',
  "';--",
  '<b>',
  'x'.repeat(300),
  '-1',
  'null',
  '\ud800',
  'é\u0301',
];
const NUMBERS = [0, -1, 1, 0.5, 1e3, 2 ** 31, 2 ** 53, 2 ** 63, -(2 ** 53), 1e308];
const ANYTHING: readonly unknown[] = [null, true, false, [], {}, [[]], { a: { b: [] } }, ...STRINGS, ...NUMBERS];
/** Of these members a request has exactly one. */
const SELECTORS = ['sids', 'gids', 'delivery_ids', 'sub', 'client_id', 'sid', 'all'];

export function anything(random: Random): unknown {
  return random.of(ANYTHING);
}

export function aString(random: Random): string {
  return random.of(STRINGS);
}

/** A value of a JSON schema. */
export function exampleOf(schema: Schema, name: string, random: Random, known: Known): unknown {
  const options = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
  if (options) return exampleOf(random.of(options), name, random, known);
  if ('const' in schema) return schema.const;
  if (Array.isArray(schema.enum)) return random.of(schema.enum);
  switch (Array.isArray(schema.type) ? random.of(schema.type) : schema.type) {
    case 'object':
      return objectOf(schema, random, known);
    case 'array': {
      const length = Number(schema.minItems ?? 0) + random.below(3);
      return Array.from({ length }, () => exampleOf((schema.items ?? {}) as Schema, name.replace(/s$/, ''), random, known));
    }
    case 'string':
      return stringOf(schema, name, random, known);
    case 'integer':
    case 'number':
      return known(name).length > 0 ? Number(random.of(known(name))) : Number(schema.minimum ?? 0) + random.below(100);
    case 'boolean':
      return random.chance(0.5);
    case 'null':
      return null;
    default:
      return anything(random);
  }
}

/** The same with one thing in it changed: replaced, left out or added. */
export function changedJson(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random.chance(0.15)) return anything(random);
  if (Array.isArray(value)) {
    if (value.length === 0 || random.chance(0.2)) return [...value, anything(random)];
    const at = random.below(value.length);
    return value.map((each, index) => (index === at ? changedJson(each, random) : each));
  }
  const names = Object.keys(value);
  if (names.length === 0 || random.chance(0.15)) return { ...value, [aString(random)]: anything(random) };
  const name = random.of(names);
  const { [name]: present, ...rest } = value as Record<string, unknown>;
  return random.chance(0.2) ? rest : { ...rest, [name]: changedJson(present, random) };
}

function objectOf(schema: Schema, random: Random, known: Known): Record<string, unknown> {
  const members = Object.entries((schema.properties ?? {}) as Record<string, Schema>);
  const required = new Set((schema.required ?? []) as string[]);
  const selectors = members.map(([name]) => name).filter((name) => SELECTORS.includes(name) && !required.has(name));
  const several = selectors.length > 2;
  const selected = several ? random.of(selectors) : null;
  const chosen = members.filter(([name]) => {
    if (several && selectors.includes(name)) return name === selected;
    return required.has(name) || random.chance(0.3);
  });
  return Object.fromEntries(chosen.map(([name, of]) => [name, exampleOf(of, name, random, known)]));
}

function stringOf(schema: Schema, name: string, random: Random, known: Known): string {
  if (schema.format === 'uri') return `http://127.0.0.1:${1 + random.below(1_000)}`;
  const real = known(name);
  return real.length > 0 ? random.of(real) : `x${random.below(1e9).toString(36)}`;
}
