import { Controller } from '@nestjs/common';
import { sessionApi } from '#libs/contracts';
import { Internal, InternalBody, type InternalRequest } from '#libs/http';
import type { RegisteredView } from '#libs/revocation-host';
import { ViewRegistry } from '../views/view-registry.js';

@Controller()
export class ViewsController {
  constructor(private readonly registry: ViewRegistry) {}

  @Internal(sessionApi.registerView)
  register(@InternalBody() view: InternalRequest<typeof sessionApi.registerView>): Promise<{ lease_ms: number }> {
    return this.registry.register(view);
  }

  @Internal(sessionApi.unregisterView)
  async unregister(@InternalBody() { view_id }: InternalRequest<typeof sessionApi.unregisterView>): Promise<Record<string, never>> {
    await this.registry.unregister(view_id);
    return {};
  }

  @Internal(sessionApi.listViews)
  async list(): Promise<{ views: RegisteredView[] }> {
    return { views: await this.registry.list() };
  }
}
