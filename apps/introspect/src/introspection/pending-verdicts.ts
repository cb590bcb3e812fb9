import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest, onSendHookHandler } from 'fastify';
import { type ByteString, bufferOf, Log } from '#libs/http';
import { unavailable } from '#libs/protocol';
import { INACTIVE_JSON, type Verdict } from './verdict.js';

/** What follows from the second look at a verdict. */
export interface Consequences {
  /** Sent when it has turned inactive meanwhile; null: nothing can be, so the caller is told to ask again. */
  readonly instead: ByteString | null;
  /** What may be told only now. */
  readonly whenActive?: () => void;
}

/** On the request itself: a weak map beside it costs the garbage collector more than the whole second look. */
const PENDING = Symbol('pending verdict');
type Judged = FastifyRequest & { [PENDING]?: { readonly verdict: Verdict; readonly consequences: Consequences } | null };

const PLAIN: Consequences = { instead: INACTIVE_JSON };

/**
 * The last hook before the bytes leave judges verdicts again: a process stopped (SIGSTOP, a suspended machine) between verdict and answer must
 * say nothing from before its pause (RELIABILITY 6).
 */
@Injectable()
export class PendingVerdicts {
  constructor(private readonly log: Log) {}

  /** Before routes are added: a request that is born with the place for it stays of one shape. */
  static install(fastify: FastifyInstance): void {
    fastify.decorateRequest(PENDING, null);
  }

  remember(request: FastifyRequest, verdict: Verdict, consequences = PLAIN): void {
    if (verdict.answer.active) (request as Judged)[PENDING] = { verdict, consequences };
  }

  /** For the route's own onSend: Fastify runs it after every other. */
  readonly judgeAgain: onSendHookHandler = (request, reply, payload, done) => {
    const pending = (request as Judged)[PENDING];
    if (!pending || reply.statusCode >= 300) return done(null, payload);
    const now = pending.verdict.judge();
    if (now === 'active') {
      pending.consequences.whenActive?.();
      return done(null, payload);
    }
    const { instead } = pending.consequences;
    done(null, now === 'inactive' && instead !== null ? bufferOf(instead) : this.refuse(reply));
  };

  private refuse(reply: FastifyReply): string {
    const error = unavailable('the answer was overtaken by a pause of this process');
    this.log.warn('request not served', { status: error.status, error: error.code, detail: error.detail ?? null });
    reply.code(error.status).headers(error.headers).type('application/json; charset=utf-8');
    return JSON.stringify(error.body());
  }
}
