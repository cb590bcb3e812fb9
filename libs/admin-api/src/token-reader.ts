import type { FactoryProvider } from '@nestjs/common';
import { tokenApi } from '#libs/contracts';
import { HTTP_CONFIG, type HttpConfig, InternalClient } from '#libs/http';
import { RemoteKeySet } from '#libs/keys';
import { AccessTokenReader } from '#libs/sealing';

export const ADMIN_TOKEN_READER = Symbol('ADMIN_TOKEN_READER');
export type AdminTokenReader = Pick<AccessTokenReader, 'read' | 'dropKey'>;

/** Towards our own token service one fetch a second hinders a flood of made-up key ids and is short enough for a new key. */
const COOLDOWN_MS = 1_000;
const MAX_AGE_MS = 60_000;

/**
 * Reads signed tokens by the token service's public keys. The admin API's tokens are JWTs, so no service needs sealing keys for their sake;
 * what looks like a sealed token is none of ours here.
 */
export const REMOTE_READER: Pick<FactoryProvider<AdminTokenReader>, 'inject' | 'useFactory'> = {
  inject: [InternalClient, HTTP_CONFIG],
  useFactory: (internal: InternalClient, { issuer }: HttpConfig) =>
    new AccessTokenReader({
      issuer,
      opaque: { open: () => null },
      jwt: new RemoteKeySet({ fetch: () => internal.call(tokenApi.publicKeys, {}), cooldownMs: COOLDOWN_MS, maxAgeMs: MAX_AGE_MS }),
    }),
};
