import { z } from 'zod';

/**
 * admin/ owns auth's part of the admin API: users, what they agreed to, clients, the audit. Routes and pages only; what they do is done by the
 * functions of users/, clients/ and consents/, which the pages and the import call as well. Operators' tools call it.
 */
const millis = z.int().nonnegative();

/** In a path or a query: Postgres can't store NUL, so nothing is named so. */
export const name = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^\0]+$/, 'expected text without NUL');

export const ORIGINS = ['file', 'api'] as const;

export const changed = z.strictObject({
  gen: z.int().describe('The generation after the change; every lower one is refused.'),
  confirmed: z.boolean().describe('Every registered view refuses what was ended. false: the log will tell it within the bound.'),
});

export const ended = changed.extend({
  ended: z
    .int()
    .nullable()
    .describe('Sessions that ended by this call. null, with 202: the session service could not be told; the log will tell it.'),
});

const standing = {
  origin: z.enum(ORIGINS).describe('file: the configuration file decides about it.'),
  disabled: z.boolean().describe('By an operator, or because it left the file.'),
  left_file: z.boolean(),
  gen: z.int(),
  created_at: millis,
  updated_at: millis,
};

export const userAnswer = z.strictObject({
  sub: z.string(),
  username: z.string(),
  claims: z.record(z.string(), z.unknown()),
  roles: z.array(z.string()),
  password_changed_at: millis,
  ...standing,
});

export const clientAnswer = z.strictObject({
  client_id: z.string(),
  metadata: z.record(z.string(), z.unknown()).describe('The registration, defaults filled in (RFC 7591).'),
  secrets: z.array(
    z.strictObject({
      secret_id: z.string(),
      weak: z.boolean().describe('Fewer than 32 characters.'),
      created_at: millis.nullable().describe('null: of the file.'),
    }),
  ),
  ...standing,
});

export const consentAnswer = z.strictObject({
  consent_id: z.string(),
  client_id: z.string(),
  client_name: z.string().nullable(),
  client_uri: z.string().nullable(),
  scopes: z.array(z.string()),
  granted_at: millis,
  updated_at: millis,
  offline_since: millis.nullable().describe('Since when the client may keep access without the user; null: it may not.'),
});
