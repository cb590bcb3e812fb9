import { z } from 'zod';
import { generation } from '../identifier.js';

/**
 * A client as the other services see it: registered metadata under its registered names (RFC 7591, OIDC registration) plus
 * what is ours. Secrets only as keyed hashes. `gen` and `disabled` come with every read; overrides carry the settings' names.
 */
export const clientSecretHash = z.strictObject({
  /** base64url HMAC-SHA-256 under the pepper's client-secret key. */
  hash: z.string(),
  /** Fewer than 32 characters: failures are counted before the comparison (such a secret could be guessed). */
  weak: z.boolean(),
});

export const scopeRecord = z.strictObject({
  name: z.string(),
  description: z.string().nullable(),
  /** The API's identifier (an audience), null for standard scopes. */
  api: z.string().nullable(),
  access_token_format: z.enum(['opaque', 'jwt']).nullable(),
});
export type ScopeRecord = z.infer<typeof scopeRecord>;

export const clientRecord = z.strictObject({
  client_id: z.string(),
  gen: generation,
  disabled: z.boolean(),
  secrets: z.array(clientSecretHash),
  /** The validated registration, defaults filled in. Parsed further by `clientMetadata` of libs/protocol. */
  metadata: z.record(z.string(), z.unknown()),
  /** The scopes this client may ask for, resolved against the APIs. */
  scopes: z.array(scopeRecord),
});
export type ClientRecord = z.infer<typeof clientRecord>;
