import { Controller } from '@nestjs/common';
import { AdminCaller, AdminInput, type AdminInputOf, AdminRoute, adminNotFound, type CallingClient } from '#libs/admin-api';
import { foundBy } from '#libs/audit';
import { Database, type Sql } from '#libs/database';
import { oauthError, unstorableAt } from '#libs/protocol';
import { recordAudit } from '../audit/record-audit.js';
import { ConsentStore } from '../consents/consents.store.js';
import { RevokeConsent } from '../consents/revoke-consent.js';
import { CreateUser } from '../users/create-user.js';
import { RecordPages } from './record-pages.js';
import { userRoutes } from './user-routes.js';

type Input<K extends keyof typeof userRoutes> = AdminInputOf<(typeof userRoutes)[K]>;

/** Users and what they agreed to. Reading a person's data is audited like changing it. */
@Controller()
export class AdminUsersController {
  constructor(
    private readonly db: Database,
    private readonly pages: RecordPages,
    private readonly createUser: CreateUser,
    private readonly storedConsents: ConsentStore,
    private readonly revocation: RevokeConsent,
  ) {}

  @AdminRoute(userRoutes.list)
  list(@AdminInput() { query }: Input<'list'>, @AdminCaller() { actor }: CallingClient) {
    return this.db.transaction(async (tx) => {
      const page = await this.pages.users(tx, query);
      const details = { ...foundBy({ search: query.search ?? null }, page.items.length), count: page.items.length };
      await recordAudit(tx, [{ actor, action: 'subjects.listed', target: 'subjects', reason: null, details }]);
      return page;
    });
  }

  @AdminRoute(userRoutes.create)
  async create(@AdminInput() { body }: Input<'create'>, @AdminCaller() { actor }: CallingClient) {
    const place = unstorableAt(body);
    if (place)
      throw oauthError('invalid_request', {
        description: 'body: expected text without NUL and unpaired surrogates',
        detail: String(place),
      });
    return this.pages.user(this.db, await this.createUser.create(body, actor));
  }

  @AdminRoute(userRoutes.read)
  read(@AdminInput() { params }: Input<'read'>, @AdminCaller() { actor }: CallingClient) {
    return this.db.transaction(async (tx) => {
      const user = await this.known(tx, params.sub);
      await recordAudit(tx, [{ actor, action: 'subject.read', target: user.sub, reason: null, details: { what: 'account' } }]);
      return user;
    });
  }

  @AdminRoute(userRoutes.consents)
  consents(@AdminInput() { params }: Input<'consents'>, @AdminCaller() { actor }: CallingClient) {
    return this.db.transaction(async (tx) => {
      const { sub } = await this.known(tx, params.sub);
      const items = await this.storedConsents.list(sub, tx);
      await recordAudit(tx, [{ actor, action: 'subject.read', target: sub, reason: null, details: { what: 'consents' } }]);
      return { items };
    });
  }

  @AdminRoute(userRoutes.revokeConsent)
  async revokeConsent(@AdminInput() { params }: Input<'revokeConsent'>, @AdminCaller() { actor }: CallingClient) {
    const { sub } = await this.known(this.db, params.sub);
    if (!(await this.pages.client(params.client_id))) throw adminNotFound('client');
    return this.revocation.revoke({ sub, clientId: params.client_id, actor });
  }

  private async known(sql: Sql, sub: string) {
    const user = await this.pages.user(sql, sub);
    if (!user) throw adminNotFound('user');
    return user;
  }
}
