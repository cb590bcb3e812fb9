import { z } from 'zod';
import { settingTypes } from '../provider-settings.js';
import { APPLICATION_TYPES } from '../vocabulary.js';
import { origin, text } from './member-types.js';
import { laterOauth, logout, metadataChoices, oidcRegistration, otherSpecifications, rfc7591 } from './registered-members.js';

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

export const members = {
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

/** Every member optional. */
export const written = z.object(members).partial();
export type WrittenMetadata = z.infer<typeof written>;

/** For the reference: who registered which member. */
export const MEMBER_SOURCES: readonly { specification: string; members: readonly string[] }[] = [
  { specification: 'RFC 7591 §2', members: Object.keys(rfc7591) },
  { specification: 'OpenID Connect Dynamic Client Registration 1.0 §2', members: Object.keys(oidcRegistration) },
  { specification: 'RP-Initiated, Back-Channel and Front-Channel Logout 1.0', members: Object.keys(logout) },
  { specification: 'RFC 8705, RFC 9101, RFC 9126, RFC 9396, RFC 9449, RFC 9701', members: Object.keys(laterOauth) },
  { specification: 'JARM, CIBA, OpenID Federation, UMA, ETSI NFV-SEC 022, OpenID4VP', members: Object.keys(otherSpecifications) },
  { specification: 'OpenID Connect Relying Party Metadata Choices 1.0', members: Object.keys(metadataChoices) },
  { specification: 'Lanyard', members: Object.keys(ours) },
];
