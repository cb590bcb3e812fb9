import { Controller } from '@nestjs/common';
import { AdminCaller, AdminInput, type AdminInputOf, AdminRoute, adminNotFound, type CallingClient } from '#libs/admin-api';
import { foundBy } from '#libs/audit';
import { Database } from '#libs/database';
import { recordAudit } from '../audit/record-audit.js';
import { EndSession } from '../sessions/end-session.js';
import { judge } from '../sessions/session.store.js';
import { CutClient } from './cut-client.js';
import { EndMany } from './end-many.js';
import { pageOfSessions } from './list-sessions.js';
import { wholeSession } from './read-session.js';
import { endClient, endMany, endSession, listSessions, readSession } from './session-routes.js';

@Controller()
export class AdminSessionsController {
  constructor(
    private readonly db: Database,
    private readonly ends: EndSession,
    private readonly batches: EndMany,
    private readonly cuts: CutClient,
  ) {}

  @AdminRoute(listSessions)
  list(@AdminInput() { query }: AdminInputOf<typeof listSessions>, @AdminCaller() { actor }: CallingClient) {
    const { sub = null, client_id = null, ip = null } = query;
    return this.db.transaction(async (tx) => {
      const page = await pageOfSessions(tx, query);
      const named = foundBy({ sub, client_id }, page.items.length);
      const details = { ...named, ip, count: page.items.length };
      await recordAudit(tx, [{ actor, action: 'session.listed', target: named.sub ?? '*', reason: null, details }]);
      return page;
    });
  }

  @AdminRoute(readSession)
  read(@AdminInput() { params }: AdminInputOf<typeof readSession>, @AdminCaller() { actor }: CallingClient) {
    return this.db.transaction(async (tx) => {
      const session = await wholeSession(tx, params.sid);
      if (!session) throw adminNotFound('session');
      await recordAudit(tx, [{ actor, action: 'session.read', target: session.sid, reason: null, details: { sub: session.sub } }]);
      return session;
    });
  }

  @AdminRoute(endSession)
  async end(@AdminInput() { params }: AdminInputOf<typeof endSession>, @AdminCaller() { actor }: CallingClient) {
    const { found } = await judge(this.db, 'sid', params.sid);
    if (!found) throw adminNotFound('session');
    return this.ends.end(params.sid, { reason: 'admin', initiated_by: 'admin', actor });
  }

  @AdminRoute(endMany)
  endMany(@AdminInput() { body }: AdminInputOf<typeof endMany>, @AdminCaller() caller: CallingClient) {
    return this.batches.end(body, caller);
  }

  @AdminRoute(endClient)
  endClient(@AdminInput() { params }: AdminInputOf<typeof endClient>, @AdminCaller() caller: CallingClient) {
    return this.cuts.cut(params.sid, params.client_id, caller);
  }
}
