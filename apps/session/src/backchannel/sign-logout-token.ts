import { Injectable } from '@nestjs/common';
import { tokenApi } from '#libs/contracts';
import { InternalClient } from '#libs/http';
import { type LogoutNotice, logoutTokenClaims } from './logout-token.js';

/** The token service alone holds signing keys; it also sets `iss` and `typ: logout+jwt`. */
@Injectable()
export class SignLogoutToken {
  constructor(private readonly internal: InternalClient) {}

  async sign(notice: LogoutNotice, alg: string): Promise<string> {
    const { jwt } = await this.internal.call(tokenApi.sign, { purpose: 'logout_token', alg, claims: logoutTokenClaims(notice) });
    return jwt;
  }
}
