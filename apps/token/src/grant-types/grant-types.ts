import { Injectable } from '@nestjs/common';
import type { Issuance } from '../issuing/issuance.js';
import type { TokenRequest } from '../token/token-request.js';
import { AuthorizationCodeGrant } from './authorization-code.grant.js';
import { ClientCredentialsGrant } from './client-credentials.grant.js';
import type { Asking } from './grant-type.js';
import { RefreshTokenGrant } from './refresh-token.grant.js';

/** Which file serves which grant_type. */
@Injectable()
export class GrantTypes {
  constructor(
    private readonly authorizationCode: AuthorizationCodeGrant,
    private readonly refreshToken: RefreshTokenGrant,
    private readonly clientCredentials: ClientCredentialsGrant,
  ) {}

  grant({ request, ...asking }: Asking<TokenRequest>): Promise<Issuance> {
    switch (request.grant_type) {
      case 'authorization_code':
        return this.authorizationCode.grant({ ...asking, request });
      case 'refresh_token':
        return this.refreshToken.grant({ ...asking, request });
      case 'client_credentials':
        return this.clientCredentials.grant({ ...asking, request });
    }
  }
}
