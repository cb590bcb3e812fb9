import { Controller } from '@nestjs/common';
import { AdminCaller, AdminInput, type AdminInputOf, AdminRoute, adminNotFound, type CallingClient } from '#libs/admin-api';
import { foundBy } from '#libs/audit';
import { Database } from '#libs/database';
import { recordAudit } from '../audit/record-audit.js';
import { readGrant } from '../grants/grant.store.js';
import { Revocations } from '../grants/revocations.js';
import { listGrants, readGrantRoute, revokeGrantRoute, revokeManyGrants } from './grant-routes.js';
import { pageOfGrants, viewGrant } from './list-grants.js';
import { RevokeMany } from './revoke-many.js';

@Controller()
export class AdminGrantsController {
  constructor(
    private readonly db: Database,
    private readonly revocations: Revocations,
    private readonly batches: RevokeMany,
  ) {}

  @AdminRoute(listGrants)
  list(@AdminInput() { query }: AdminInputOf<typeof listGrants>, @AdminCaller() { actor }: CallingClient) {
    const { sub = null, client_id = null, sid = null } = query;
    return this.db.transaction(async (tx) => {
      const page = await pageOfGrants(tx, query);
      const named = foundBy({ sub, client_id, sid }, page.items.length);
      const details = { ...named, count: page.items.length };
      await recordAudit(tx, [{ actor, action: 'grant.listed', target: named.sub ?? '*', reason: null, details }]);
      return page;
    });
  }

  @AdminRoute(readGrantRoute)
  read(@AdminInput() { params }: AdminInputOf<typeof readGrantRoute>, @AdminCaller() { actor }: CallingClient) {
    return this.db.transaction(async (tx) => {
      const grant = await viewGrant(tx, params.gid);
      if (!grant) throw adminNotFound('grant');
      const { gid, sub, client_id } = grant;
      await recordAudit(tx, [{ actor, action: 'grant.read', target: gid, reason: null, details: { sub, client_id } }]);
      return grant;
    });
  }

  @AdminRoute(revokeGrantRoute)
  async revoke(@AdminInput() { params }: AdminInputOf<typeof revokeGrantRoute>, @AdminCaller() { actor }: CallingClient) {
    if (!(await readGrant(this.db, params.gid))) throw adminNotFound('grant');
    const { revoked, confirmed } = await this.revocations.confirmed({ gid: params.gid }, { reason: 'admin', actor });
    return { revoked: revoked > 0, confirmed };
  }

  @AdminRoute(revokeManyGrants)
  revokeMany(@AdminInput() { body }: AdminInputOf<typeof revokeManyGrants>, @AdminCaller() caller: CallingClient) {
    return this.batches.revoke(body, caller);
  }
}
