import { Controller } from '@nestjs/common';
import { AdminCaller, AdminInput, type AdminInputOf, AdminRoute, adminNotFound, type CallingClient } from '#libs/admin-api';
import { Database } from '#libs/database';
import { ChangeKeys } from '../keys/change-keys.js';
import { listKeys, revokeKey, rotateLine } from './key-routes.js';
import { pageOfKeys } from './list-keys.js';

/** What the keys are, never a key itself. */
@Controller()
export class AdminKeysController {
  constructor(
    private readonly db: Database,
    private readonly keys: ChangeKeys,
  ) {}

  @AdminRoute(listKeys)
  list(@AdminInput() { query }: AdminInputOf<typeof listKeys>) {
    return pageOfKeys(this.db, query);
  }

  @AdminRoute(rotateLine)
  async rotate(@AdminInput() { params }: AdminInputOf<typeof rotateLine>, @AdminCaller() { actor }: CallingClient) {
    const state = await this.keys.rotate(params.line, actor);
    if (!state) throw adminNotFound('line of keys');
    return { active: state.active, pending: state.pending, takes_over_at: state.takesOverAt };
  }

  @AdminRoute(revokeKey)
  async revoke(@AdminInput() { params }: AdminInputOf<typeof revokeKey>, @AdminCaller() { actor }: CallingClient) {
    const revoked = await this.keys.revoke(params.kid, actor);
    if (!revoked) throw adminNotFound('key');
    return revoked;
  }
}
