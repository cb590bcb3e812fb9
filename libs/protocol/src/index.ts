/**
 * libs/protocol owns the vocabulary: the error catalogue, scopes, prompts, grant types, PKCE, client metadata with its rules,
 * the provider's settings with their defaults, and the claims of our tokens. It is pure: no Nest, no I/O, no clock. Called by
 * everything; calls nothing of ours.
 */
export * from './admin-api.js';
export { type ClientMetadata, clientMetadata, writtenMetadata } from './client-metadata/client-metadata.js';
export { MEMBER_SOURCES, METADATA_MEMBERS, type WrittenMetadata } from './client-metadata/members.js';
export { LIMITED_MEMBERS, type NotBuilt, notBuiltYet, type Refusing, refuseNotBuilt } from './client-metadata/not-built-yet.js';
export { unknownMember } from './client-metadata/unknown-member.js';
export { calledUriProblem, isLoopbackHost, originProblem, redirectUriProblem } from './client-metadata/uris.js';
export { effectiveSettings, onlineDeadline, type SessionTimes } from './effective-settings.js';
export { type CatalogueEntry, ERRORS, type ErrorName } from './error-catalogue.js';
export { type ErrorOptions, OAuthError, oauthError, unavailable } from './oauth-error.js';
export { challengeOf, isCodeChallenge, isCodeVerifier, verifyPkce } from './pkce.js';
export { horizonMs, type ProviderSettings, providerSettings, SETTING_NAMES, type SettingName, settingTypes } from './provider-settings.js';
export * from './scopes.js';
export { unstorableAt } from './storable.js';
export { type AccessTokenClaims, PREFIX } from './token-claims.js';
export * from './vocabulary.js';
