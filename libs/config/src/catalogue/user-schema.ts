import { z } from 'zod';
import type { CatalogueUser } from './catalogue.js';

/** Claims that say something about a token, not about a person: a user of the file must not set them. */
const PROTOCOL_CLAIMS = new Set([
  'iss',
  'sub',
  'aud',
  'exp',
  'nbf',
  'iat',
  'jti',
  'nonce',
  'auth_time',
  'acr',
  'amr',
  'azp',
  'at_hash',
  'c_hash',
  's_hash',
  'sid',
  'gid',
  'gen',
  'client_id',
  'scope',
  'cnf',
  'act',
  'may_act',
  'events',
  'active',
  'token_type',
  'username',
  'roles',
]);

const text = z.string().max(2_000);

/** OIDC Core §5.1; other names are kept as they are. */
const standardClaims = z.looseObject({
  name: text.optional(),
  given_name: text.optional(),
  family_name: text.optional(),
  middle_name: text.optional(),
  nickname: text.optional(),
  preferred_username: text.optional(),
  profile: text.optional(),
  picture: text.optional(),
  website: text.optional(),
  email: z
    .string()
    .max(320)
    .regex(/^[^@\s]+@[^@\s]+$/, 'expected an e-mail address')
    .optional(),
  email_verified: z.boolean().optional(),
  gender: text.optional(),
  birthdate: text.regex(/^(\d{4}|\d{4}-\d{2}-\d{2})$/, 'expected YYYY-MM-DD or YYYY').optional(),
  zoneinfo: text.optional(),
  locale: text.optional(),
  phone_number: text.optional(),
  phone_number_verified: z.boolean().optional(),
  address: z
    .looseObject({
      formatted: text.optional(),
      street_address: text.optional(),
      locality: text.optional(),
      region: text.optional(),
      postal_code: text.optional(),
      country: text.optional(),
    })
    .optional(),
  updated_at: z.int('expected seconds since the epoch').min(0).optional(),
});

const claims = standardClaims.superRefine((value, context) => {
  for (const name of Object.keys(value)) {
    if (PROTOCOL_CLAIMS.has(name))
      context.addIssue({ code: 'custom', path: [name], message: 'expected a claim about the person: the server sets this one' });
  }
});

export const USER_MEMBERS = {
  username: z
    .string('expected a string; put digits in quotes')
    .regex(/^[^\s\p{C}](?:[^\p{C}]{0,253}[^\s\p{C}])?$/u, 'expected 1 to 255 characters without control characters or outer spaces')
    .describe('What the person types; unique without regard to case.'),
  password: z
    .string('expected a string; put digits in quotes')
    .min(1, 'expected a password')
    .max(1_024)
    .describe('The first password. Changing it here later changes nothing.'),
  claims: claims.default({}).describe('Claims by their registered names (OIDC Core §5.1).'),
  roles: z.array(z.string().min(1).max(200)).max(200).default([]).describe('Roles, for access tokens and the account.'),
};

export const userSchema = z.strictObject(USER_MEMBERS).transform((user): CatalogueUser => user);

/** Usernames that differ only so are one account to the person who types them. */
export function usernameKey(username: string): string {
  return username.normalize('NFKC').toLowerCase();
}
