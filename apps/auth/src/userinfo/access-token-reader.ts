import type { Provider } from '@nestjs/common';
import type { AuthConfig } from '#libs/config';
import { tokenApi } from '#libs/contracts';
import { InternalClient } from '#libs/http';
import { Kek, RemoteKeySet } from '#libs/keys';
import { ViewService } from '#libs/revocation-host';
import { AccessTokenReader, HolderKeyring } from '#libs/sealing';
import { AUTH_CONFIG } from '../ports.js';
import { WarmKeys } from './warm-keys.js';

/** Towards our own token service one fetch a second hinders a flood of made-up key ids and is short enough for a new key. */
const COOLDOWN_MS = 1_000;

/** Opens access tokens of both kinds with keys from the token service; auth is a holder of the sealing keys for this alone. */
export const ACCESS_TOKEN_READER: Provider[] = [
  {
    provide: HolderKeyring,
    inject: [InternalClient, AUTH_CONFIG],
    useFactory: (internal: InternalClient, config: AuthConfig) =>
      new HolderKeyring({
        fetch: () => internal.call(tokenApi.sealingKeys, {}),
        kek: Kek.local(config.sealingKek, 'LANYARD_SEALING_KEK'),
        cooldownMs: COOLDOWN_MS,
      }),
  },
  {
    provide: RemoteKeySet,
    inject: [InternalClient],
    useFactory: (internal: InternalClient) =>
      new RemoteKeySet({ fetch: () => internal.call(tokenApi.publicKeys, {}), cooldownMs: COOLDOWN_MS, maxAgeMs: 60_000 }),
  },
  {
    provide: WarmKeys,
    inject: [HolderKeyring, RemoteKeySet],
    useFactory: (opaque: HolderKeyring, jwt: RemoteKeySet) => new WarmKeys([opaque, jwt]),
  },
  {
    provide: AccessTokenReader,
    inject: [HolderKeyring, RemoteKeySet, AUTH_CONFIG, ViewService],
    useFactory: (opaque: HolderKeyring, jwt: RemoteKeySet, { issuer }: AuthConfig, views: ViewService) => {
      const reader = new AccessTokenReader({ issuer, opaque, jwt });
      views.onKeyRevoked((kid) => reader.dropKey(kid));
      return reader;
    },
  },
];
