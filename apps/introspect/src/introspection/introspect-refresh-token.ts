import { Inject, Injectable } from '@nestjs/common';
import { tokenApi } from '#libs/contracts';
import { InternalClient, jsonBytes } from '#libs/http';
import { ANSWER_MARGIN_MS, type Clock } from '#libs/revocation';
import { CLOCK, INTROSPECT_CONFIG } from '../tokens.js';
import type { IntrospectionAnswer } from './access-token-answer.js';
import type { Judgement } from './judge-access-token.js';
import type { Caller } from './may-introspect.js';
import { INACTIVE_VERDICT, type Verdict } from './verdict.js';

/** What the token service accepts; anything longer is none of ours. */
const MAX_LENGTH = 4_096;

/**
 * The view never answers for refresh tokens: a session may have ended by its deadline, a rotation may have overtaken this one. The
 * token service is asked, for the token's own client only; its answer counts from the moment the question was sent.
 */
@Injectable()
export class IntrospectRefreshToken {
  constructor(
    private readonly internal: InternalClient,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(INTROSPECT_CONFIG) private readonly config: { settings: { freshness_bound_ms: number } },
  ) {}

  async verdict(token: string, caller: Caller, requestId: string): Promise<Verdict> {
    if (token.length > MAX_LENGTH) return INACTIVE_VERDICT;
    const asked = { monotonic: this.clock.monotonic(), wall: this.clock.wall() };
    const answer = await this.internal.call(tokenApi.introspectRefreshToken, { token, client_id: caller.clientId }, { requestId });
    if (!answer.active) return INACTIVE_VERDICT;
    return { answer: answer as IntrospectionAnswer, json: jsonBytes(answer), judge: () => this.judge(asked) };
  }

  private judge(asked: { monotonic: number; wall: number }): Judgement {
    const age = Math.max(this.clock.monotonic() - asked.monotonic, this.clock.wall() - asked.wall);
    return age <= this.config.settings.freshness_bound_ms - ANSWER_MARGIN_MS ? 'active' : 'unknown';
  }
}
