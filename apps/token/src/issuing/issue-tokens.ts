import { Inject, Injectable } from '@nestjs/common';
import type { TokenConfig } from '#libs/config';
import { KeyService } from '../keys/key-service.js';
import { TOKEN_CONFIG } from '../ports.js';
import { mintAccessToken } from './access-token.js';
import { mintIdToken } from './id-token.js';
import type { Issuance } from './issuance.js';

/** RFC 6749 §5.1, OIDC Core §3.1.3.3. */
export interface TokenAnswer {
  access_token: string;
  token_type: 'Bearer';
  expires_in: number;
  scope: string;
  refresh_token?: string;
  id_token?: string;
}

/**
 * apps/token/src/issuing owns what tokens say and how long they live. It decides nothing about grants and writes nothing: an Issuance goes in,
 * an answer comes out. Called by the token endpoint only.
 */
@Injectable()
export class IssueTokens {
  constructor(
    private readonly keys: KeyService,
    @Inject(TOKEN_CONFIG) private readonly config: Pick<TokenConfig, 'issuer'>,
  ) {}

  async issue(issuance: Issuance): Promise<TokenAnswer> {
    const { target, times, refresh, authentication } = issuance;
    const access_token = await mintAccessToken(this.keys, this.config.issuer, issuance);
    const wantsIdToken = authentication !== null && target.scope.includes('openid');
    return {
      access_token,
      token_type: 'Bearer',
      expires_in: times.exp - times.iat,
      // Always said: RFC 6749 §5.1 asks for it whenever it differs from what was asked, and a client needn't know when that is.
      scope: target.scope.join(' '),
      ...(refresh ? { refresh_token: this.keys.encodeRefreshToken(refresh) } : {}),
      ...(wantsIdToken ? { id_token: await mintIdToken(this.keys, this.config.issuer, issuance, authentication, access_token) } : {}),
    };
  }
}
