import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { jsonOf, type Parameters, queryOf } from '#libs/http';
import type { AdminInputOf, AdminRouteDefinition } from './admin-route.js';
import { invalidInput } from './errors.js';

interface Member {
  type?: string;
  anyOf?: Member[];
}

/** A query knows text only; which of its members are numbers, switches or lists is what the schema says. Once per schema. */
const members = new WeakMap<z.ZodType, Readonly<Record<string, string>>>();

/** Everything a route was sent, read by its schemas. Throws 400 with the place. */
export function readInput(route: AdminRouteDefinition, request: FastifyRequest): AdminInputOf<AdminRouteDefinition> {
  return {
    params: parse('path', route.params, request.params ?? {}),
    query: parse('query', route.query, queryInput(route.query, request)),
    body: parse('body', route.body, jsonOf(request)),
  };
}

function parse<S extends z.ZodType>(part: 'path' | 'query' | 'body', schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalidInput(part, parsed.error);
  return parsed.data;
}

function queryInput(schema: z.ZodObject, request: FastifyRequest): Record<string, unknown> {
  const types = typesOf(schema);
  const lists = Object.keys(types).filter((name) => types[name] === 'array');
  const query = queryOf(request, { repeatable: lists });
  return Object.fromEntries(query.names().flatMap((name) => entry(name, types[name], query)));
}

/** A parameter without a value counts as left out, as everywhere in OAuth (RFC 6749 §3.1). */
function entry(name: string, type: string | undefined, query: Parameters): [string, unknown][] {
  if (type === 'array') return [[name, query.getAll(name)]];
  const text = query.get(name);
  if (text === undefined) return type === undefined ? [[name, '']] : [];
  if ((type === 'integer' || type === 'number') && /^-?\d{1,15}$/.test(text)) return [[name, Number(text)]];
  if (type === 'boolean' && (text === 'true' || text === 'false')) return [[name, text === 'true']];
  return [[name, text]];
}

function typesOf(schema: z.ZodObject): Readonly<Record<string, string>> {
  let types = members.get(schema);
  if (!types) {
    const { properties = {} } = z.toJSONSchema(schema, { io: 'input' }) as { properties?: Record<string, Member> };
    types = Object.fromEntries(Object.entries(properties).map(([name, member]) => [name, typeOf(member)]));
    members.set(schema, types);
  }
  return types;
}

function typeOf({ type, anyOf }: Member): string {
  return type ?? anyOf?.find((one) => one.type !== 'null')?.type ?? 'string';
}
