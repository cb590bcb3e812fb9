import { Controller } from '@nestjs/common';
import { AdminCaller, AdminInput, type AdminInputOf, AdminRoute, type CallingClient } from '#libs/admin-api';
import { foundBy } from '#libs/audit';
import { Database } from '#libs/database';
import { recordAudit } from '../audit/record-audit.js';
import { listDeliveries, replayDeliveries, replayDelivery } from './delivery-routes.js';
import { pageOfDeliveries } from './list-deliveries.js';
import { ReplayDeliveries } from './replay-deliveries.js';

@Controller()
export class AdminDeliveriesController {
  constructor(
    private readonly db: Database,
    private readonly replays: ReplayDeliveries,
  ) {}

  @AdminRoute(listDeliveries)
  list(@AdminInput() { query }: AdminInputOf<typeof listDeliveries>, @AdminCaller() { actor }: CallingClient) {
    const { state = null, client_id = null, sid = null } = query;
    return this.db.transaction(async (tx) => {
      const page = await pageOfDeliveries(tx, query);
      const named = foundBy({ sid, client_id }, page.items.length);
      const details = { state, client_id: named.client_id, count: page.items.length };
      await recordAudit(tx, [{ actor, action: 'delivery.listed', target: named.sid ?? '*', reason: null, details }]);
      return page;
    });
  }

  @AdminRoute(replayDelivery)
  replay(@AdminInput() { params }: AdminInputOf<typeof replayDelivery>, @AdminCaller() caller: CallingClient) {
    return this.replays.one(Number(params.delivery_id), caller);
  }

  @AdminRoute(replayDeliveries)
  replayMany(@AdminInput() { body }: AdminInputOf<typeof replayDeliveries>, @AdminCaller() caller: CallingClient) {
    return this.replays.many(body, caller);
  }
}
