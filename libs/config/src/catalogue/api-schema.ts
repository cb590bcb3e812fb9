import { z } from 'zod';
import { ACCESS_TOKEN_FORMATS, isScopeToken, isStandardScope } from '#libs/protocol';
import type { CatalogueApi } from './catalogue.js';

/** RFC 8707 §2: an absolute URI without fragment. */
const identifier = z
  .string()
  .max(1_000)
  .superRefine((text, context) => {
    if (!/^[a-zA-Z][a-zA-Z0-9+.-]*:[\x21-\x7e]+$/.test(text) || text.includes('#')) {
      context.addIssue({ code: 'custom', message: 'expected an absolute URI without fragment (RFC 8707 §2)' });
    }
  });

const description = z.string('expected what the consent page says about this scope').max(500).nullable();

const scopes = z.record(z.string(), description).superRefine((record, context) => {
  for (const name of Object.keys(record)) {
    if (!isScopeToken(name))
      context.addIssue({ code: 'custom', path: [name], message: 'expected a scope name without spaces, quotes or backslashes' });
    else if (isStandardScope(name))
      context.addIssue({ code: 'custom', path: [name], message: `expected another name: ${name} is a standard scope` });
  }
});

export const API_MEMBERS = {
  identifier: identifier.describe('The audience of its access tokens, and the `resource` that clients ask for.'),
  name: z.string().min(1).max(200).nullable().default(null).describe('Shown to people.'),
  access_token_format: z.enum(ACCESS_TOKEN_FORMATS).default('opaque').describe('Whether its access tokens are opaque or JWTs (RFC 9068).'),
  scopes: scopes.default({}).describe('Scope name → what the consent page says. Names are unique over all APIs.'),
};

export const apiSchema = z.strictObject(API_MEMBERS).transform(
  (api): CatalogueApi => ({
    identifier: api.identifier,
    name: api.name,
    accessTokenFormat: api.access_token_format,
    scopes: Object.entries(api.scopes).map(([name, text]) => ({ name, description: text })),
  }),
);
