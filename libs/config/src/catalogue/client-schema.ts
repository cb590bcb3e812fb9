import { z } from 'zod';
import { type ClientMetadata, clientMetadata } from '#libs/protocol';
import type { CatalogueClient } from './catalogue.js';

/** RFC 6749 Appendix A.1: visible ASCII and space. */
const clientId = z
  .string('expected a string')
  .regex(/^[\x20-\x7e]{1,255}$/, 'expected 1 to 255 characters of visible ASCII (RFC 6749 A.1)');
const secret = z
  .string('expected a string; put digits in quotes')
  .regex(/^[\x20-\x7e]{1,512}$/, 'expected 1 to 512 characters of visible ASCII (RFC 6749 A.2)');

/** What a registration response carries beside the metadata (RFC 7591 §3.2.1, RFC 7592 §3). */
const issued = {
  client_id: clientId,
  client_secret: z
    .union([secret.transform((one) => [one]), z.array(secret).min(1).max(2)], 'expected a string, or two while one replaces the other')
    .optional(),
  client_id_issued_at: z.int().min(0).optional(),
  client_secret_expires_at: z.literal(0, 'expected 0: secrets of the file do not expire, they are replaced').optional(),
  registration_client_uri: z.undefined('expected none: clients of the file are not managed by RFC 7592').optional(),
  registration_access_token: z.undefined('expected none: clients of the file are not managed by RFC 7592').optional(),
};
export const ISSUED_MEMBERS = Object.keys(issued);

/** RFC 6749 Appendix A.1. */
export const CLIENT_ID = clientId;

const SECRET_METHODS = new Set<string>(['client_secret_basic', 'client_secret_post', 'client_secret_jwt']);

export const clientSchema = z.looseObject({}).transform((written, context): CatalogueClient => {
  const mine = Object.fromEntries(Object.entries(written).filter(([name]) => ISSUED_MEMBERS.includes(name)));
  const rest = Object.fromEntries(Object.entries(written).filter(([name]) => !ISSUED_MEMBERS.includes(name)));
  const head = z.object(issued).safeParse(mine);
  const metadata = clientMetadata.safeParse(rest);
  for (const result of [head, metadata])
    for (const issue of result.error?.issues ?? []) context.issues.push({ ...issue, input: written } as never);
  if (!head.success || !metadata.success) return z.NEVER;
  const secrets = head.data.client_secret ?? [];
  const problem = secretProblem(secrets, metadata.data);
  if (problem) context.issues.push({ code: 'custom', path: ['client_secret'], message: problem, input: written });
  return { clientId: head.data.client_id, secrets, metadata: metadata.data };
});

export function needsSecret(metadata: ClientMetadata): boolean {
  return SECRET_METHODS.has(metadata.token_endpoint_auth_method);
}

function secretProblem(secrets: string[], metadata: ClientMetadata): string | null {
  const method = metadata.token_endpoint_auth_method;
  if (needsSecret(metadata) && secrets.length === 0) {
    return `expected a client_secret for ${method}; a public client says token_endpoint_auth_method: none`;
  }
  if (method === 'none' && secrets.length > 0) return 'expected none: token_endpoint_auth_method none is a public client without a secret';
  return new Set(secrets).size < secrets.length ? 'expected two different secrets' : null;
}
