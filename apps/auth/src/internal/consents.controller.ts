import { Controller } from '@nestjs/common';
import { authApi, type ResponseOf } from '#libs/contracts';
import { Internal, InternalBody, type InternalRequest } from '#libs/http';
import { RevokeConsent } from '../consents/revoke-consent.js';

@Controller()
export class ConsentsController {
  constructor(private readonly revokeConsent: RevokeConsent) {}

  @Internal(authApi.revokeConsent)
  revoke(
    @InternalBody() { sub, client_id }: InternalRequest<typeof authApi.revokeConsent>,
  ): Promise<ResponseOf<typeof authApi.revokeConsent>> {
    return this.revokeConsent.revoke({ sub, clientId: client_id, actor: 'operator' });
  }
}
