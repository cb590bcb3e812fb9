import { z } from 'zod';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Ten years: keeps every sum of deadlines far from what a timestamp can hold. */
const MAX_SECONDS = 3650 * DAY;
const seconds = (max = MAX_SECONDS) =>
  z.int('expected whole seconds').min(1, 'expected at least 1 second').max(max, `expected at most ${max} seconds`);

/**
 * Each setting alone, without its default: also the shape of a client's overrides. Entries of the view live
 * `max_access_token_ttl` + 10 min, and outbox rows 24 h, so the former must stay well below half of that (RELIABILITY §9).
 */
export const settingTypes = {
  access_token_ttl: seconds(12 * HOUR).describe('Lifetime of an access token.'),
  browser_access_token_ttl: seconds(12 * HOUR).describe('The same for clients of application_type browser.'),
  max_access_token_ttl: seconds(11 * HOUR).describe('No access token lives longer; revocations are remembered this long and 10 minutes.'),
  id_token_ttl: seconds(12 * HOUR).describe('Lifetime of an ID token.'),
  code_ttl: seconds(10 * MINUTE).describe('Lifetime of an authorization code.'),
  session_idle: seconds().describe('A session without activity ends after this time.'),
  session_max: seconds().describe('A session ends after this time in any case.'),
  remember_idle: seconds().describe('session_idle where the user chose "remember me".'),
  remember_max: seconds().describe('session_max where the user chose "remember me".'),
  max_sessions_per_user: z
    .int('expected a whole number')
    .min(0)
    .max(100_000)
    .describe(
      'How many sessions a user may have at once; a login beyond that ends the oldest. 0: as many as they like. The provider’s only.',
    ),
  account_reauth_after: z
    .int('expected whole seconds')
    .min(0)
    .max(DAY)
    .describe(
      'Changes on the account pages ask for the password again when the login is older than this; 0: each of them. The provider’s only.',
    ),
  offline_idle: seconds().describe('An offline grant that is not used dies after this time.'),
  offline_max: z
    .union([seconds(), z.null(), z.literal('none').transform(() => null)], 'expected whole seconds of at least 1, or null for none')
    .describe('An offline grant dies after this time in any case; null: no such limit.'),
  refresh_grace: z
    .int('expected whole seconds')
    .min(0)
    .max(HOUR)
    .describe(
      'How long a public client may repeat a refresh whose response was lost; 0: any second use of a refresh token is a replay, for every client.',
    ),
  issue_refresh_tokens: z.boolean().describe('Whether refresh tokens are issued at all.'),
  rotate_refresh_tokens: z.boolean().describe('Whether a refresh issues a new refresh token; public clients always get one.'),
  default_access_mode: z
    .enum(['online', 'offline', 'none'])
    .describe('What a request means that asks for neither online_access nor offline_access.'),
  refresh_is_activity: z.boolean().describe('Whether a refresh keeps its session from becoming idle.'),
  freshness_bound_ms: z
    .int('expected whole milliseconds')
    .min(500)
    .max(30_000)
    .describe('The bound X: nothing is answered from a revocation view older than this (milliseconds).'),
  confirm_wait_ms: z
    .int('expected whole milliseconds')
    .min(0)
    .max(1_500)
    .describe('How long an end waits for every view to confirm it before it is acknowledged unconfirmed (milliseconds).'),
  allow_private_receivers: z
    .union([z.boolean(), z.array(z.string().min(1))], 'expected true, false or a list of host names')
    .describe('Which private or plain-http hosts may receive logout tokens; true only with an issuer on loopback.'),
};

export const providerSettings = z.strictObject({
  access_token_ttl: settingTypes.access_token_ttl.default(5 * MINUTE),
  browser_access_token_ttl: settingTypes.browser_access_token_ttl.default(MINUTE),
  max_access_token_ttl: settingTypes.max_access_token_ttl.default(HOUR),
  id_token_ttl: settingTypes.id_token_ttl.default(5 * MINUTE),
  code_ttl: settingTypes.code_ttl.default(MINUTE),
  session_idle: settingTypes.session_idle.default(30 * MINUTE),
  session_max: settingTypes.session_max.default(10 * HOUR),
  remember_idle: settingTypes.remember_idle.default(14 * DAY),
  remember_max: settingTypes.remember_max.default(90 * DAY),
  max_sessions_per_user: settingTypes.max_sessions_per_user.default(0),
  account_reauth_after: settingTypes.account_reauth_after.default(5 * MINUTE),
  offline_idle: settingTypes.offline_idle.default(30 * DAY),
  offline_max: settingTypes.offline_max.default(null),
  refresh_grace: settingTypes.refresh_grace.default(30),
  issue_refresh_tokens: settingTypes.issue_refresh_tokens.default(true),
  rotate_refresh_tokens: settingTypes.rotate_refresh_tokens.default(true),
  default_access_mode: settingTypes.default_access_mode.default('online'),
  refresh_is_activity: settingTypes.refresh_is_activity.default(true),
  freshness_bound_ms: settingTypes.freshness_bound_ms.default(2_000),
  confirm_wait_ms: settingTypes.confirm_wait_ms.default(150),
  allow_private_receivers: settingTypes.allow_private_receivers.default(false),
});
export type ProviderSettings = z.infer<typeof providerSettings>;
export type SettingName = keyof ProviderSettings;
export const SETTING_NAMES = Object.keys(settingTypes) as SettingName[];

/** How long a revocation entry lives: constant, never derived from one session's tokens (RELIABILITY §9). */
export function horizonMs(settings: Pick<ProviderSettings, 'max_access_token_ttl'>): number {
  return (settings.max_access_token_ttl + 10 * MINUTE) * 1_000;
}
