import { z } from 'zod';
import { settingTypes } from '../provider-settings.js';
import { APPLICATION_TYPES } from '../vocabulary.js';
import { withDefaults } from './defaults.js';
import { origin, text } from './member-types.js';
import { LOCALIZED, laterOauth, logout, metadataChoices, oidcRegistration, otherSpecifications, rfc7591 } from './registered-members.js';
import { checkRules } from './rules.js';
import { unknownMember } from './unknown-member.js';

/** Ours beside the registered members, and the overrides under the settings' own names. */
const ours = {
  application_type: z.enum(APPLICATION_TYPES, `expected one of: ${APPLICATION_TYPES.join(', ')}`),
  /** Skips the consent page: the organisation's own application. */
  first_party: z.boolean(),
  /** The identifiers of the APIs whose tokens this client may introspect; ["*"]: every access token. */
  resource_server_for: z.array(text).max(1_000),
  /** Origins that may call the token endpoint from a browser, beside those of the redirect URIs. */
  allowed_origins: z.array(origin).max(100),
};

const members = {
  ...rfc7591,
  ...oidcRegistration,
  ...logout,
  ...laterOauth,
  ...otherSpecifications,
  ...metadataChoices,
  ...ours,
  ...settingTypes,
};
export const METADATA_MEMBERS = Object.keys(members);

const written = z.object(members).partial();
export type WrittenMetadata = z.infer<typeof written>;

/** As written: every member optional, unknown ones refused with the nearest known name. `also` are names the caller has read itself. */
export function writtenMetadata(also: readonly string[] = []) {
  return written
    .loose()
    .superRefine((value, context) => {
      for (const name of Object.keys(value)) {
        if (Object.hasOwn(members, name) || also.includes(name) || LOCALIZED.test(name)) continue;
        context.addIssue({ code: 'custom', path: [name], message: unknownMember(name, METADATA_MEMBERS) });
      }
    })
    .transform((value): WrittenMetadata => value);
}

/** With the defaults of RFC 7591 §2 filled in and the rules between members checked. Parsing its own output changes nothing. */
export const clientMetadata = writtenMetadata().transform(withDefaults).superRefine(checkRules);
export type ClientMetadata = z.output<typeof clientMetadata>;
