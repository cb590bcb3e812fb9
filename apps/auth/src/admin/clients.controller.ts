import { Controller } from '@nestjs/common';
import { AdminCaller, AdminInput, type AdminInputOf, AdminRoute, adminNotFound, type CallingClient } from '#libs/admin-api';
import { ClientSecrets } from '../clients/client-secrets.js';
import { RegisterClient, type Registered } from '../clients/register-client.js';
import { SetClientDisabled } from '../clients/set-client-disabled.js';
import { clientRoutes } from './client-routes.js';
import { RecordPages } from './record-pages.js';

type Input<K extends keyof typeof clientRoutes> = AdminInputOf<(typeof clientRoutes)[K]>;

/** Clients. What they may be is decided by the same rules as the configuration file's. */
@Controller()
export class AdminClientsController {
  constructor(
    private readonly pages: RecordPages,
    private readonly registration: RegisterClient,
    private readonly secrets: ClientSecrets,
    private readonly switches: SetClientDisabled,
  ) {}

  @AdminRoute(clientRoutes.list)
  list(@AdminInput() { query }: Input<'list'>) {
    return this.pages.clients(query);
  }

  @AdminRoute(clientRoutes.create)
  async create(@AdminInput() { body }: Input<'create'>, @AdminCaller() caller: CallingClient) {
    return this.answer(await this.registration.create(body.client_id, body.metadata, caller));
  }

  @AdminRoute(clientRoutes.read)
  read(@AdminInput() { params }: Input<'read'>) {
    return this.known(params.client_id);
  }

  @AdminRoute(clientRoutes.change)
  async change(@AdminInput() { params, body }: Input<'change'>, @AdminCaller() caller: CallingClient) {
    return this.answer(await this.registration.change(params.client_id, body.metadata, caller));
  }

  @AdminRoute(clientRoutes.disable)
  disable(@AdminInput() { params }: Input<'disable'>, @AdminCaller() caller: CallingClient) {
    return this.switches.set({ clientId: params.client_id, disabled: true, actor: caller.actor, caller });
  }

  @AdminRoute(clientRoutes.enable)
  enable(@AdminInput() { params }: Input<'enable'>, @AdminCaller() caller: CallingClient) {
    return this.switches.set({ clientId: params.client_id, disabled: false, actor: caller.actor, caller });
  }

  @AdminRoute(clientRoutes.addSecret)
  async addSecret(@AdminInput() { params }: Input<'addSecret'>, @AdminCaller() caller: CallingClient) {
    const { secretId, secret, confirmed } = await this.secrets.add(params.client_id, caller);
    return { secret_id: secretId, client_secret: secret, confirmed };
  }

  @AdminRoute(clientRoutes.removeSecret)
  removeSecret(@AdminInput() { params }: Input<'removeSecret'>, @AdminCaller() caller: CallingClient) {
    return this.secrets.remove(params.client_id, params.secret_id, caller);
  }

  private async answer({ clientId, secret, confirmed }: Registered) {
    return { client: await this.known(clientId), client_secret: secret, confirmed };
  }

  private async known(clientId: string) {
    const client = await this.pages.client(clientId);
    if (!client) throw adminNotFound('client');
    return client;
  }
}
