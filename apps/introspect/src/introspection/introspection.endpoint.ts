import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Checkpoints } from '#libs/checkpoints';
import { type ByteString, bufferOf, formOf, type Parameters, requestIdOf, type ShortAnswer } from '#libs/http';
import { REFRESH_PREFIX } from '#libs/sealing';
import { AuthenticateCaller } from '../callers/authenticate-caller.js';
import { CHECKPOINTS } from '../tokens.js';
import { IntrospectAccessToken } from './introspect-access-token.js';
import { IntrospectRefreshToken } from './introspect-refresh-token.js';
import { introspectionRequest } from './introspection-request.js';
import type { Caller } from './may-introspect.js';
import { PendingVerdicts } from './pending-verdicts.js';
import { SIGNED_TYPE, SignedAnswer, wantsSigned } from './signed-answer.js';
import { INACTIVE_JSON, type Verdict } from './verdict.js';

/** Sent already, or going to be. */
type Answered = undefined | Promise<FastifyReply | undefined>;

const JSON_TYPE = 'application/json; charset=utf-8';

/**
 * RFC 7662. Nothing is read but memory, unless a key or a client record is new here, or the token is a refresh token. Each step gives its result
 * where it has it, and a promise only where it must wait: a promise costs more than what most steps do.
 */
@Injectable()
export class IntrospectionEndpoint {
  constructor(
    private readonly authenticateCaller: AuthenticateCaller,
    private readonly accessToken: IntrospectAccessToken,
    private readonly refreshToken: IntrospectRefreshToken,
    private readonly signed: SignedAnswer,
    private readonly pending: PendingVerdicts,
    @Inject(CHECKPOINTS) private readonly checkpoints: Checkpoints,
  ) {}

  answer(http: FastifyRequest, reply: FastifyReply): Answered {
    // 1. the form, strictly
    const form = formOf(http);
    // 2. who asks (§2.1: the endpoint MUST require authorization)
    const caller = this.authenticateCaller.of(http, form);
    // 3. the verdict
    const verdict = caller instanceof Promise ? caller.then((known) => this.verdict(form, known, http)) : this.verdict(form, caller, http);
    // 4. the answer, signed for who asks for that
    if (wantsSigned(http.headers.accept)) return this.sendSigned(verdict, caller, http, reply);
    if (verdict instanceof Promise) return verdict.then((reached) => this.send(reached, http, reply));
    return this.send(verdict, http, reply);
  }

  /**
   * The usual request: an access token that opens here at once, asked about by a caller that was proven before, to be told plainly. Null: it is another one, or
   * something is wrong with it. Judged as it leaves: nothing is waited for before that, and no answer depends on a judgement before it.
   */
  atOnce({ headers: { accept, authorization } }: IncomingMessage, form: Parameters): ShortAnswer {
    const token = form.get('token');
    const caller = this.authenticateCaller.recognised(form, authorization);
    if (token === undefined || !caller || token.startsWith(REFRESH_PREFIX) || wantsSigned(accept)) return null;
    const verdict = this.accessToken.unjudged(token, caller);
    if (verdict === null) return null;
    const held = this.checkpoints.reach('introspect.before-send');
    return held ? held.then(() => judged(verdict)) : judged(verdict);
  }

  /** By what the token itself says it is, whatever the hint. */
  private verdict(form: Parameters, caller: Caller, http: FastifyRequest): Verdict | Promise<Verdict> {
    const { token } = introspectionRequest(form);
    if (token.startsWith(REFRESH_PREFIX)) return this.refreshToken.verdict(token, caller, requestIdOf(http));
    return this.accessToken.verdict(token, caller);
  }

  /** Signing takes a while: a verdict that has turned meanwhile is not told, because it was signed as it was. */
  private async sendSigned(
    verdict: Verdict | Promise<Verdict>,
    caller: Caller | Promise<Caller>,
    http: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const reached = await verdict;
    const jwt = await this.signed.sign(reached.answer, await caller, requestIdOf(http));
    this.pending.remember(http, reached, { instead: null });
    await this.checkpoints.reach('introspect.before-send');
    return reply.header('content-type', SIGNED_TYPE).send(jwt);
  }

  /** Judged once more when it leaves. */
  private send(verdict: Verdict, http: FastifyRequest, reply: FastifyReply): Answered {
    this.pending.remember(http, verdict);
    const held = this.checkpoints.reach('introspect.before-send');
    if (held) return held.then(() => reply.header('content-type', JSON_TYPE).send(bufferOf(verdict.json)));
    reply.header('content-type', JSON_TYPE).send(bufferOf(verdict.json));
  }
}

/** Null: it can't be said any more, which the ordinary way finds out for itself. */
function judged({ json, judge }: Verdict): ByteString | null {
  const now = judge();
  if (now === 'active') return json;
  return now === 'inactive' ? INACTIVE_JSON : null;
}
