import { Controller, Get, Header } from '@nestjs/common';
import { KeyService } from './key-service.js';
import { JWKS_MAX_AGE_S } from './rotation-policy.js';

/** The public key set (RFC 7517 §5); caches keep it for as long as rotation counts on. Scripts reach it by the app's CORS policy. */
@Controller()
export class JwksController {
  constructor(private readonly keys: KeyService) {}

  @Get('jwks')
  @Header('Cache-Control', `public, max-age=${JWKS_MAX_AGE_S}`)
  @Header('Content-Type', 'application/jwk-set+json')
  jwks(): { keys: object[] } {
    return this.keys.publicJwks();
  }
}
