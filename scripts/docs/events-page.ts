import { z } from 'zod';
import { EVENTS, GROUP_READERS, revocationEntry } from '#libs/contracts';
import { code, page, table } from './markdown.js';

interface Shape {
  properties?: Record<string, Type>;
  required?: string[];
}
interface Type {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Type[];
}

export function eventsPage(): string {
  return page('Events', 'libs/contracts (events.ts, revocation-entry.ts)', [
    'Two streams per source. `events` are business events, read by groups of instances: at least once, in order per key. `revocations` are the entries that every revocation view holds. No payload carries a token, a secret or a password; times are milliseconds since the epoch by the owner’s database clock.',
    'Both ends are strict: a member that a receiver does not know makes the event a dead letter there (`bad_payload`), shown and replayable, and nothing that ended comes back by it. So a member added later is optional, a receiver understands the events from before it, and an upgrade goes from the receivers to the senders: token, session, auth, each with all its instances; introspect at any time ([0022](decisions/0022-new-members-of-messages.md)).',
    '## Stream `events`',
    ...Object.entries(EVENTS).flatMap(([name, { version, source, key, payload }]) => [
      `### ${name}`,
      `Version ${version}, published by ${source}, key ${code(key)}, read by ${GROUP_READERS[source].join(' and ') || 'no group'}.`,
      fields(payload),
    ]),
    '## Stream `revocations`',
    table(
      ['kind', 'members', 'refuses'],
      revocationEntry.options.map((option) => entryRow(shapeOf(option))),
    ),
  ]);
}

function fields(payload: z.ZodType): string {
  const { properties = {}, required = [] } = shapeOf(payload);
  const optional = (name: string) => (required.includes(name) ? '' : ' (optional)');
  return table(
    ['member', 'type'],
    Object.entries(properties).map(([name, type]) => [code(name), `${typeText(type)}${optional(name)}`]),
  );
}

function entryRow({ properties = {} }: Shape): string[] {
  const { kind, ...others } = properties;
  const refuses = 'gen' in others ? 'every lower generation, nothing issued later' : 'the id, for good';
  return [code(String(kind?.const)), Object.keys(others).map(code).join(', '), refuses];
}

function shapeOf(schema: z.ZodType): Shape {
  return z.toJSONSchema(schema) as Shape;
}

function typeText({ type, enum: values, anyOf }: Type): string {
  if (values) return values.map((value) => code(String(value))).join(', ');
  if (anyOf) return anyOf.map(typeText).join(' or ');
  return [type ?? 'any'].flat().join(' or ');
}
