import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Log, problemOf } from '#libs/http';
import type { AccessTokenClaims } from '#libs/protocol';
import { ADMIN_AUDIT, type AdminAct, type AdminAudit } from './admin-audit.js';
import type { AdminCall } from './admin-call.js';
import { adminRouteOf } from './admin-route-of.js';

/** How the audit names a calling client. */
export function actorOf({ client_id }: AccessTokenClaims): `client:${string}` {
  return `client:${client_id}`;
}

/** Leaves no call of a known caller without a row: what the service did not write of it in its own transaction is written here. */
@Injectable()
export class AuditCalls {
  constructor(
    @Inject(ADMIN_AUDIT) private readonly audit: AdminAudit,
    private readonly log: Log,
  ) {}

  /** Before the answer is sent. Throws when nothing of the call could be written: then nothing of it may be shown. */
  async called(context: ExecutionContext, call: AdminCall): Promise<void> {
    const { status } = adminRouteOf(context);
    try {
      await this.audit.record(actOf(context, call.actor, { status }), call.rows);
    } catch (error) {
      if (call.rows.length === 0) throw error;
      // It wrote its own row with what it did; only asking whether that is there has failed. What was done is done, and said.
      this.log.error('could not ask whether an admin call is audited', logged(context), error);
    }
  }

  /** Beside any row that the call wrote before. The refusal stands, whether this can be written or not. */
  async refused(context: ExecutionContext, actor: string, error: unknown): Promise<void> {
    const { status, code } = problemOf(error);
    try {
      await this.audit.record(actOf(context, actor, { status, error: code }), []);
    } catch (failure) {
      this.log.error('a refused admin call could not be audited', { ...logged(context), status }, failure);
    }
  }
}

function actOf(context: ExecutionContext, actor: string, outcome: { status: number; error?: string }): AdminAct {
  const { method, path: route } = adminRouteOf(context);
  const details = { method, route, ...outcome };
  return {
    actor,
    action: outcome.error === undefined ? 'admin.called' : 'admin.refused',
    target: targetOf(context, outcome.status),
    details,
  };
}

/** Only what exists is named: people paste tokens and passwords into the wrong field as well, and what is in an audit stays there. */
function targetOf(context: ExecutionContext, status: number): string {
  const { params } = adminRouteOf(context);
  const named = params.safeParse(context.switchToHttp().getRequest<FastifyRequest>().params ?? {});
  const [first] = named.success && (status < 400 || status === 409) ? Object.values(named.data) : [];
  return first === undefined ? '*' : String(first);
}

function logged(context: ExecutionContext) {
  const { method, path: route } = adminRouteOf(context);
  return { method, route };
}
