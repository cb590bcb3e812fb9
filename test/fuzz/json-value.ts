import type { Random } from './random.js';

export type Schema = Record<string, unknown>;
/** What is known under a member's name: real ids and tokens, so that some requests get somewhere. */
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

export function anything(random: Random): unknown {
  return random.of(ANYTHING);
}

export function aString(random: Random): string {
  return random.of(STRINGS);
}

/** A value of a JSON schema, nearly always; below it one that is wrong. */
export function exampleOf(schema: Schema, name: string, random: Random, known: Known): unknown {
  if (random.chance(0.04)) return anything(random);
  const options = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
  if (options) return exampleOf(random.of(options), name, random, known);
  if ('const' in schema) return schema.const;
  if (Array.isArray(schema.enum)) return random.of(schema.enum);
  switch (Array.isArray(schema.type) ? random.of(schema.type) : schema.type) {
    case 'object':
      return objectOf(schema, random, known);
    case 'array':
      return Array.from({ length: random.below(4) }, () =>
        exampleOf((schema.items ?? {}) as Schema, name.replace(/s$/, ''), random, known),
      );
    case 'string':
      return stringOf(schema, name, random, known);
    case 'integer':
    case 'number':
      return random.chance(0.8) ? random.below(200) : random.of(NUMBERS);
    case 'boolean':
      return random.chance(0.5);
    case 'null':
      return null;
    default:
      return anything(random);
  }
}

function objectOf(schema: Schema, random: Random, known: Known): Record<string, unknown> {
  const members = Object.entries((schema.properties ?? {}) as Record<string, Schema>);
  const required = new Set((schema.required ?? []) as string[]);
  const chosen = members.filter(([name]) => (required.has(name) ? random.chance(0.98) : random.chance(0.3)));
  const object = Object.fromEntries(chosen.map(([name, of]) => [name, exampleOf(of, name, random, known)]));
  if (random.chance(0.04)) object[aString(random)] = anything(random);
  return object;
}

function stringOf(schema: Schema, name: string, random: Random, known: Known): string {
  if (schema.format === 'uri') return `http://127.0.0.1:${1 + random.below(1_000)}`;
  const real = known(name);
  if (real.length > 0 && random.chance(0.8)) return random.of(real);
  return random.chance(0.5) ? `x${random.below(1e9).toString(36)}` : aString(random);
}
