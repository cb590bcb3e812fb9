import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { ClientDirectory, OriginDirectory } from '#libs/clients';
import type { ReceivedEvent } from '#libs/contracts';
import { Log } from '#libs/http';

/**
 * A client's grants are left alone: disabling kills its tokens by generation, and its grants resume after re-enabling (DESIGN, Decided). Only
 * the cached record goes, as it does in every process by the client's entry in its view; only of a new client there is none, and what was
 * known of its origins is forgotten here.
 */
@Controller()
export class OnClientChanged {
  constructor(
    private readonly clients: ClientDirectory,
    private readonly origins: OriginDirectory,
    private readonly log: Log,
  ) {}

  @EventPattern<string>('ClientChanged')
  onClientChanged(@Payload() event: ReceivedEvent<'ClientChanged'>): void {
    const { event_id, payload } = event;
    const { client_id, change, actor } = payload;
    this.clients.changed(client_id);
    this.origins.forget();
    this.log.info('a client changed', { client_id, action: change, actor: actor ?? null, event_id });
  }
}
