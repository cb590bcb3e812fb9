import { Controller, Inject } from '@nestjs/common';
import { type ResponseOf, type ServiceName, tokenApi } from '#libs/contracts';
import { HTTP_CONFIG, type HttpConfig, Internal, InternalBody, InternalCaller, type InternalRequest } from '#libs/http';
import { KeyService } from './key-service.js';
import { signForCaller } from './sign-for-caller.js';

/** Keys for the other services. Served before this one is ready: the others can't become ready without them. */
@Controller()
export class InternalKeysController {
  constructor(
    private readonly keys: KeyService,
    @Inject(HTTP_CONFIG) private readonly config: Pick<HttpConfig, 'issuer'>,
  ) {}

  @Internal(tokenApi.sealingKeys)
  sealingKeys(): ResponseOf<typeof tokenApi.sealingKeys> {
    return { keys: [...this.keys.wrappedSealingKeys()] };
  }

  @Internal(tokenApi.publicKeys)
  publicKeys(): ResponseOf<typeof tokenApi.publicKeys> {
    return this.keys.publicJwks();
  }

  @Internal(tokenApi.sign)
  async sign(
    @InternalBody() request: InternalRequest<typeof tokenApi.sign>,
    @InternalCaller() caller: ServiceName,
  ): Promise<ResponseOf<typeof tokenApi.sign>> {
    return { jwt: await signForCaller(this.keys, this.config.issuer, caller, request) };
  }
}
