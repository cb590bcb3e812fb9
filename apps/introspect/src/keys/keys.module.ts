import { Module } from '@nestjs/common';
import type { IntrospectConfig } from '#libs/config';
import { tokenApi } from '#libs/contracts';
import { InternalClient } from '#libs/http';
import { Kek, RemoteKeySet } from '#libs/keys';
import { ViewService } from '#libs/revocation-host';
import { AccessTokenReader, HolderKeyring } from '#libs/sealing';
import { INTROSPECT_CONFIG } from '../tokens.js';
import { KeyWarmUp } from './key-warm-up.js';

/** Towards our own token service one fetch a second is enough to hinder a flood of made-up key ids and short enough for a new key. */
const COOLDOWN_MS = 1_000;

@Module({
  providers: [
    {
      provide: HolderKeyring,
      inject: [InternalClient, INTROSPECT_CONFIG],
      useFactory: (internal: InternalClient, config: IntrospectConfig) =>
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
      provide: AccessTokenReader,
      inject: [HolderKeyring, RemoteKeySet, INTROSPECT_CONFIG, ViewService],
      useFactory: (opaque: HolderKeyring, jwt: RemoteKeySet, { issuer }: IntrospectConfig, views: ViewService) => {
        const reader = new AccessTokenReader({ issuer, opaque, jwt });
        views.onKeyRevoked((kid) => reader.dropKey(kid));
        return reader;
      },
    },
    KeyWarmUp,
  ],
  exports: [AccessTokenReader, KeyWarmUp],
})
export class KeysModule {}
