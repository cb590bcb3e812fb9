import { Controller } from '@nestjs/common';
import { OriginDirectory } from '#libs/clients';
import { authApi, type ResponseOf } from '#libs/contracts';
import { Internal, InternalBody, type InternalRequest } from '#libs/http';
import { ClientStore } from '../clients/clients.store.js';
import { SetClientDisabled } from '../clients/set-client-disabled.js';

/**
 * internal/ owns auth's half of the internal API: contracts to stores and changes, one line each. It decides nothing.
 */
@Controller()
export class ClientsController {
  constructor(
    private readonly clients: ClientStore,
    private readonly origins: OriginDirectory,
    private readonly setClientDisabled: SetClientDisabled,
  ) {}

  @Internal(authApi.client)
  async client(@InternalBody() { client_id }: InternalRequest<typeof authApi.client>): Promise<ResponseOf<typeof authApi.client>> {
    return { client: await this.clients.get(client_id) };
  }

  @Internal(authApi.browserOrigin)
  async browserOrigin(
    @InternalBody() { origin }: InternalRequest<typeof authApi.browserOrigin>,
  ): Promise<ResponseOf<typeof authApi.browserOrigin>> {
    return { allowed: await this.origins.allowed(origin) };
  }

  @Internal(authApi.setClientDisabled)
  setDisabled(
    @InternalBody() { client_id, disabled }: InternalRequest<typeof authApi.setClientDisabled>,
  ): Promise<ResponseOf<typeof authApi.setClientDisabled>> {
    return this.setClientDisabled.set({ clientId: client_id, disabled, actor: 'operator' });
  }
}
