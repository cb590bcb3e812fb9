import { Controller } from '@nestjs/common';
import { AdminCaller, AdminInput, type AdminInputOf, AdminRoute, type CallingClient } from '#libs/admin-api';
import { ChangePassword } from '../users/change-password.js';
import { RevokeSubject } from '../users/revoke-subject.js';
import { SetSubjectDisabled } from '../users/set-subject-disabled.js';
import { userRoutes } from './user-routes.js';

type Input<K extends keyof typeof userRoutes> = AdminInputOf<(typeof userRoutes)[K]>;

/** What ends a user's sessions: each is one function of users/, which audits it in its transaction. */
@Controller()
export class AdminUserEndsController {
  constructor(
    private readonly switches: SetSubjectDisabled,
    private readonly revocation: RevokeSubject,
    private readonly passwords: ChangePassword,
  ) {}

  @AdminRoute(userRoutes.disable)
  disable(@AdminInput() { params }: Input<'disable'>, @AdminCaller() { actor }: CallingClient) {
    return this.switches.set({ sub: params.sub, disabled: true, actor });
  }

  @AdminRoute(userRoutes.enable)
  enable(@AdminInput() { params }: Input<'enable'>, @AdminCaller() { actor }: CallingClient) {
    return this.switches.set({ sub: params.sub, disabled: false, actor });
  }

  @AdminRoute(userRoutes.revokeAll)
  revokeAll(@AdminInput() { params }: Input<'revokeAll'>, @AdminCaller() { actor }: CallingClient) {
    return this.revocation.revoke({ sub: params.sub, actor });
  }

  @AdminRoute(userRoutes.setPassword)
  setPassword(@AdminInput() { params, body }: Input<'setPassword'>, @AdminCaller() { actor }: CallingClient) {
    return this.passwords.byOperator({ sub: params.sub, password: body.password, actor });
  }
}
