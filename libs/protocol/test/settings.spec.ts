import { clientMetadata, effectiveSettings, horizonMs, onlineDeadline, providerSettings } from '../src/index.js';

const settings = providerSettings.parse({});
const client = (written: Record<string, unknown>) => clientMetadata.parse(written);

test('the defaults are those of the design', () => {
  expect(settings).toMatchObject({
    access_token_ttl: 300,
    browser_access_token_ttl: 60,
    max_access_token_ttl: 3600,
    code_ttl: 60,
    session_idle: 1800,
    session_max: 36_000,
    remember_idle: 14 * 86_400,
    remember_max: 90 * 86_400,
    offline_idle: 30 * 86_400,
    offline_max: null,
    refresh_grace: 30,
    issue_refresh_tokens: true,
    rotate_refresh_tokens: true,
    default_access_mode: 'online',
    refresh_is_activity: true,
    freshness_bound_ms: 2000,
    confirm_wait_ms: 150,
    allow_private_receivers: false,
    account_reauth_after: 300,
  });
  expect(horizonMs(settings)).toBe(70 * 60_000);
});

test.each([
  ['a lifetime of 0', { access_token_ttl: 0 }],
  ['a fraction', { session_idle: 1.5 }],
  ['a text', { session_idle: '30m' }],
  ['more than the horizon can hold', { max_access_token_ttl: 86_400 }],
  ['an unknown mode', { default_access_mode: 'both' }],
  ['an unknown name', { sesion_idle: 1 }],
])('%s is refused', (_, written) => {
  expect(providerSettings.safeParse(written).success).toBe(false);
});

test('refresh_grace may be 0, offline_max none', () => {
  expect(providerSettings.parse({ refresh_grace: 0, offline_max: 'none' })).toMatchObject({ refresh_grace: 0, offline_max: null });
});

describe('what holds for one client', () => {
  test('its overrides carry the settings’ names', () => {
    expect(effectiveSettings(settings, client({ access_token_ttl: 120, default_access_mode: 'none' }))).toMatchObject({
      access_token_ttl: 120,
      default_access_mode: 'none',
      code_ttl: 60,
    });
  });

  test('a browser client’s access tokens are short unless it says otherwise', () => {
    const browser = { application_type: 'browser', redirect_uris: ['https://spa.example/'], scope: 'online_access' };
    expect(effectiveSettings(settings, client(browser)).access_token_ttl).toBe(60);
    expect(effectiveSettings(settings, client({ ...browser, access_token_ttl: 240 })).access_token_ttl).toBe(240);
  });

  test('nothing outlives the provider’s maximum, because the horizon hangs from it', () => {
    expect(effectiveSettings(settings, client({ access_token_ttl: 7200, max_access_token_ttl: 7200 })).access_token_ttl).toBe(3600);
    expect(effectiveSettings(settings, client({ max_access_token_ttl: 100 })).access_token_ttl).toBe(100);
  });

  test('a session is shared: a client’s own idle and max lifetimes only shorten it', () => {
    const session = { started_at: 0, last_seen_at: 1_000_000, idle_deadline: 2_800_000, absolute_deadline: 36_000_000, remember: false };
    expect(onlineDeadline(session, client({}))).toBe(2_800_000);
    expect(onlineDeadline(session, client({ session_idle: 60 }))).toBe(1_060_000);
    expect(onlineDeadline(session, client({ session_max: 1_200 }))).toBe(1_200_000);
    expect(onlineDeadline(session, client({ session_idle: 999_999 }))).toBe(2_800_000);
    expect(onlineDeadline({ ...session, remember: true }, client({ session_idle: 60 }))).toBe(2_800_000);
  });
});
