import { Controller, Inject } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import { type ResponseOf, type ServiceName, tokenApi } from '#libs/contracts';
import { HTTP_CONFIG, type HttpConfig, Internal, InternalBody, InternalCaller, type InternalRequest } from '#libs/http';
import { CHECKPOINTS } from '../ports.js';
import { KeyService } from './key-service.js';
import { signForCaller } from './sign-for-caller.js';

/** Keys for the other services. Served before this one is ready: the others can't become ready without them. */
@Controller()
export class InternalKeysController {
  constructor(
    private readonly keys: KeyService,
    @Inject(HTTP_CONFIG) private readonly config: Pick<HttpConfig, 'issuer'>,
    @Inject(CHECKPOINTS) private readonly checkpoints: Checkpoints,
  ) {}

  @Internal(tokenApi.sealingKeys)
  async sealingKeys(): Promise<ResponseOf<typeof tokenApi.sealingKeys>> {
    const keys = [...this.keys.wrappedSealingKeys()];
    await this.checkpoints.reach('token.keys.before-hand-out');
    return { keys };
  }

  @Internal(tokenApi.publicKeys)
  async publicKeys(): Promise<ResponseOf<typeof tokenApi.publicKeys>> {
    const keys = this.keys.publicJwks();
    await this.checkpoints.reach('token.keys.before-publishing');
    return keys;
  }

  @Internal(tokenApi.sign)
  async sign(
    @InternalBody() request: InternalRequest<typeof tokenApi.sign>,
    @InternalCaller() caller: ServiceName,
  ): Promise<ResponseOf<typeof tokenApi.sign>> {
    return { jwt: await signForCaller(this.keys, this.config.issuer, caller, request) };
  }
}
