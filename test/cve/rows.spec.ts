import { readdirSync } from 'node:fs';
import { startWorld, type World } from '../world.js';
import { pkceRemovable } from './authentik-2023-48228-pkce-removable.js';
import { redirectUriAsRegex } from './authentik-2024-52289-redirect-uri-as-regex.js';
import { sessionDeletedInTheCacheOnly } from './authentik-2025-29928-session-deleted-in-the-cache-only.js';
import { openWhenTheSessionCannotBeRead } from './authentik-18063-open-when-the-session-cannot-be-read.js';
import type { Row } from './cast.js';
import { revokedThoughStorageFailed } from './fosite-2020-15223-revoked-though-storage-failed.js';
import { rulesOnlyOnAMiss } from './heimdall-3452-rules-only-on-a-miss.js';
import { renewalAfterConsentWasRevoked } from './keycloak-2017-12160-renewal-after-consent-was-revoked.js';
import { expiredSessionLoops } from './keycloak-2018-10912-expired-session-loops.js';
import { refreshAfterUserSwitch } from './keycloak-2022-3916-refresh-after-user-switch.js';
import { clientCredentialsNotRevocable } from './keycloak-2023-0091-client-credentials-not-revocable.js';
import { logoutTokenAsAccessToken } from './keycloak-2023-0657-logout-token-as-access-token.js';
import { reauthenticationCancelled } from './keycloak-2023-6787-reauthentication-cancelled.js';
import { parallelGuesses } from './keycloak-2024-4629-parallel-guesses.js';
import { cookieKeptAtLogin } from './keycloak-2024-7341-cookie-kept-at-login.js';
import { policyNotForExistingSessions } from './keycloak-2025-11429-policy-not-for-existing-sessions.js';
import { offlineAfterTheRightWasTaken } from './keycloak-2025-12110-offline-after-the-right-was-taken.js';
import { logoutWithoutCookies } from './keycloak-2025-12390-logout-without-cookies.js';
import { parallelRefreshesAllWin } from './keycloak-2026-1035-parallel-refreshes-all-win.js';
import { disabledUserOnAnotherPath } from './keycloak-2026-1609-disabled-user-on-another-path.js';
import { disabledClientOnAnotherPath } from './keycloak-2026-2733-disabled-client-on-another-path.js';
import { redirectUriNotComparedExactly } from './keycloak-2026-3872-redirect-uri-not-compared-exactly.js';
import { singleUseObjectsWithoutType } from './keycloak-2026-4282-single-use-objects-without-type.js';
import { ssrfByRedirect } from './keycloak-2026-4366-ssrf-by-redirect.js';
import { unboundedParsing } from './keycloak-2026-4634-unbounded-parsing.js';
import { ssrfByHostPlaceholder } from './keycloak-2026-4874-ssrf-by-host-placeholder.js';
import { sessionFixation } from './keycloak-2026-7507-session-fixation.js';
import { stateFromTheClient } from './keycloak-2026-7571-state-from-the-client.js';
import { oneOfTwoRevocationRules } from './keycloak-2026-8922-one-of-two-revocation-rules.js';
import { parametersTwice } from './keycloak-2026-9689-parameters-twice.js';
import { rotatedTokensUsableAfterRestart } from './keycloak-2026-9802-rotated-tokens-usable-after-restart.js';
import { jwtAlgorithmConfusion } from './keycloak-2026-11800-jwt-algorithm-confusion.js';
import { introspectionForAnybody } from './keycloak-2026-37979-introspection-for-anybody.js';
import { restartUnrevokes } from './keycloak-31296-restart-unrevokes.js';
import { cacheKeyWithoutIssuer } from './oathkeeper-4mq7-pvjg-xp2r-cache-key-without-issuer.js';
import { scopeNotCheckedOnAHit } from './oathkeeper-2021-32701-scope-not-checked-on-a-hit.js';
import { logoutSavedNothing } from './spring-security-2023-20862-logout-saved-nothing.js';
import { singleUseReplayable } from './zitadel-2025-46815-single-use-replayable.js';
import { truncatedTokenStillValid } from './zitadel-2026-27840-truncated-token-still-valid.js';

/**
 * Mistakes that others published, one file each (SECURITY: the two tables), against the four services of one start. What does not
 * apply to what is built is in docs/security.md.
 */
let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 360_000);
afterAll(() => world?.close());

// in this order: what moves the clock or fills a counter comes last
const ROWS: Readonly<Record<string, Row>> = {
  'keycloak-2026-9802-rotated-tokens-usable-after-restart': rotatedTokensUsableAfterRestart,
  'keycloak-31296-restart-unrevokes': restartUnrevokes,
  'keycloak-2026-1035-parallel-refreshes-all-win': parallelRefreshesAllWin,
  'keycloak-2026-8922-one-of-two-revocation-rules': oneOfTwoRevocationRules,
  'keycloak-2026-37979-introspection-for-anybody': introspectionForAnybody,
  'keycloak-2025-12110-offline-after-the-right-was-taken': offlineAfterTheRightWasTaken,
  'keycloak-2025-12390-logout-without-cookies': logoutWithoutCookies,
  'keycloak-2022-3916-refresh-after-user-switch': refreshAfterUserSwitch,
  'keycloak-2026-7507-session-fixation': sessionFixation,
  'keycloak-2023-6787-reauthentication-cancelled': reauthenticationCancelled,
  'keycloak-2024-7341-cookie-kept-at-login': cookieKeptAtLogin,
  'keycloak-2026-7571-state-from-the-client': stateFromTheClient,
  'keycloak-2023-0657-logout-token-as-access-token': logoutTokenAsAccessToken,
  'keycloak-2026-4282-single-use-objects-without-type': singleUseObjectsWithoutType,
  'keycloak-2026-11800-jwt-algorithm-confusion': jwtAlgorithmConfusion,
  'keycloak-2026-4874-ssrf-by-host-placeholder': ssrfByHostPlaceholder,
  'keycloak-2026-4366-ssrf-by-redirect': ssrfByRedirect,
  'keycloak-2026-3872-redirect-uri-not-compared-exactly': redirectUriNotComparedExactly,
  'keycloak-2026-9689-parameters-twice': parametersTwice,
  'keycloak-2026-1609-disabled-user-on-another-path': disabledUserOnAnotherPath,
  'keycloak-2026-2733-disabled-client-on-another-path': disabledClientOnAnotherPath,
  'keycloak-2026-4634-unbounded-parsing': unboundedParsing,
  'keycloak-2023-0091-client-credentials-not-revocable': clientCredentialsNotRevocable,
  'keycloak-2017-12160-renewal-after-consent-was-revoked': renewalAfterConsentWasRevoked,
  'oathkeeper-2021-32701-scope-not-checked-on-a-hit': scopeNotCheckedOnAHit,
  'oathkeeper-4mq7-pvjg-xp2r-cache-key-without-issuer': cacheKeyWithoutIssuer,
  'authentik-2025-29928-session-deleted-in-the-cache-only': sessionDeletedInTheCacheOnly,
  'authentik-18063-open-when-the-session-cannot-be-read': openWhenTheSessionCannotBeRead,
  'authentik-2023-48228-pkce-removable': pkceRemovable,
  'authentik-2024-52289-redirect-uri-as-regex': redirectUriAsRegex,
  'fosite-2020-15223-revoked-though-storage-failed': revokedThoughStorageFailed,
  'zitadel-2026-27840-truncated-token-still-valid': truncatedTokenStillValid,
  'zitadel-2025-46815-single-use-replayable': singleUseReplayable,
  'spring-security-2023-20862-logout-saved-nothing': logoutSavedNothing,
  'keycloak-2025-11429-policy-not-for-existing-sessions': policyNotForExistingSessions,
  'keycloak-2018-10912-expired-session-loops': expiredSessionLoops,
  'heimdall-3452-rules-only-on-a-miss': rulesOnlyOnAMiss,
  'keycloak-2024-4629-parallel-guesses': parallelGuesses,
};

it('no file of this folder is forgotten', () => {
  const files = readdirSync(__dirname).filter((file) => !/^(cast|.*\.spec)\.ts$/.test(file));
  expect(Object.keys(ROWS).sort()).toEqual(files.map((file) => file.slice(0, -3)).sort());
});

for (const row of Object.values(ROWS)) row(() => world);
