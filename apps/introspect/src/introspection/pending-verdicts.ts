import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Log } from '#libs/http';
import { unavailable } from '#libs/protocol';
import { INACTIVE } from './access-token-answer.js';
import type { Verdict } from './verdict.js';

/**
 * Verdicts that have been reached and not been sent. The last hook before the bytes leave judges them again: a process stopped
 * (SIGSTOP, a suspended machine) between verdict and answer must say nothing from before its pause (RELIABILITY 6).
 */
@Injectable()
export class PendingVerdicts {
  private readonly pending = new WeakMap<FastifyRequest, Verdict>();

  constructor(private readonly log: Log) {}

  remember(request: FastifyRequest, verdict: Verdict): void {
    this.pending.set(request, verdict);
  }

  /** Must be installed after every other onSend hook. */
  install(fastify: FastifyInstance): void {
    fastify.addHook('onSend', (request, reply, payload, done) => {
      const verdict = this.pending.get(request);
      if (!verdict?.answer.active || reply.statusCode !== 200) return done(null, payload);
      const now = verdict.judge();
      if (now === 'active') return done(null, payload);
      done(null, now === 'inactive' ? JSON.stringify(INACTIVE) : this.refuse(reply));
    });
  }

  private refuse(reply: FastifyReply): string {
    const error = unavailable('the answer was overtaken by a pause of this process');
    this.log.warn('request not served', { status: error.status, error: error.code, detail: error.detail ?? null });
    reply.code(error.status).headers(error.headers);
    return JSON.stringify(error.body());
  }
}
