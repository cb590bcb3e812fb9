import { Controller } from '@nestjs/common';
import { authApi, type ResponseOf } from '#libs/contracts';
import { Internal, InternalBody, type InternalRequest } from '#libs/http';
import { SetSubjectDisabled } from '../users/set-subject-disabled.js';
import { UserStore } from '../users/users.store.js';

@Controller()
export class SubjectsController {
  constructor(
    private readonly users: UserStore,
    private readonly setSubjectDisabled: SetSubjectDisabled,
  ) {}

  @Internal(authApi.subject)
  async subject(@InternalBody() { sub }: InternalRequest<typeof authApi.subject>): Promise<ResponseOf<typeof authApi.subject>> {
    const user = await this.users.get(sub);
    if (!user) return { subject: null };
    const { gen, disabled, username, roles } = user;
    return { subject: { sub, gen, disabled, username, roles: [...roles] } };
  }

  @Internal(authApi.setSubjectDisabled)
  async setDisabled(
    @InternalBody() { sub, disabled }: InternalRequest<typeof authApi.setSubjectDisabled>,
  ): Promise<ResponseOf<typeof authApi.setSubjectDisabled>> {
    const { gen, confirmed } = await this.setSubjectDisabled.set({ sub, disabled, actor: 'operator' });
    return { gen, confirmed };
  }
}
