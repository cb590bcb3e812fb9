import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Checkpoints } from '#libs/checkpoints';
import { formOf } from '#libs/http';
import { REFRESH_PREFIX } from '#libs/sealing';
import { AuthenticateCaller } from '../callers/authenticate-caller.js';
import { CHECKPOINTS } from '../tokens.js';
import type { IntrospectionAnswer } from './access-token-answer.js';
import { IntrospectAccessToken } from './introspect-access-token.js';
import { IntrospectRefreshToken } from './introspect-refresh-token.js';
import { introspectionRequest } from './introspection-request.js';
import { PendingVerdicts } from './pending-verdicts.js';

/** RFC 7662. Nothing is read but memory, unless a key or a client record is new here, or the token is a refresh token. */
@Injectable()
export class IntrospectionEndpoint {
  constructor(
    private readonly authenticateCaller: AuthenticateCaller,
    private readonly accessToken: IntrospectAccessToken,
    private readonly refreshToken: IntrospectRefreshToken,
    private readonly pending: PendingVerdicts,
    @Inject(CHECKPOINTS) private readonly checkpoints: Checkpoints,
  ) {}

  async answer(http: FastifyRequest): Promise<IntrospectionAnswer> {
    // 1. the form, strictly
    const form = formOf(http);
    // 2. who asks (§2.1: the endpoint MUST require authorization)
    const caller = await this.authenticateCaller.of(http, form);
    // 3. one typed request
    const { token } = introspectionRequest(form);
    // 4. the verdict, by what the token itself says it is
    const kind = token.startsWith(REFRESH_PREFIX) ? this.refreshToken : this.accessToken;
    const verdict = await kind.verdict(token, caller);
    // 5. judged once more when it is sent
    this.pending.remember(http, verdict);
    await this.checkpoints.reach('introspect.before-send');
    return verdict.answer;
  }
}
