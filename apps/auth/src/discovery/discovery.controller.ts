import { Controller, Get, Header, type Type } from '@nestjs/common';
import { ProviderMetadata } from './provider-metadata.js';

/** Made for its addresses, since they follow from the issuer: a fixed list, no pattern that answers for another issuer's path. */
export function discoveryControllerAt(paths: readonly string[]): Type {
  @Controller()
  class DiscoveryController {
    constructor(private readonly metadata: ProviderMetadata) {}

    @Get([...paths])
    @Header('cache-control', 'public, max-age=300')
    document(): Promise<Record<string, unknown>> {
      return this.metadata.document();
    }
  }
  return DiscoveryController;
}
