import { type DynamicModule, Module } from '@nestjs/common';
import { ApiScopes } from './api-scopes.js';
import { discoveryControllerAt } from './discovery.controller.js';
import { ProviderMetadata } from './provider-metadata.js';
import { wellKnownPaths } from './well-known-paths.js';

@Module({ providers: [ProviderMetadata, ApiScopes] })
class DiscoveryModule {}

/** Injects the configuration and the database, both global in auth. */
export function discoveryModule(issuer: string): DynamicModule {
  return { module: DiscoveryModule, controllers: [discoveryControllerAt(wellKnownPaths(issuer))] };
}
