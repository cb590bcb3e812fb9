import { Inject, Injectable } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import type { Client } from '#libs/clients';
import { Database } from '#libs/database';
import { oauthError, unavailable } from '#libs/protocol';
import { clientActor, recordAudit } from '../audit/record-audit.js';
import { CHECKPOINTS } from '../ports.js';
import { classifyRefresh, type RefreshUse } from './detect-replay.js';
import { type Grant, type ReadGrant, rotationOf } from './grant.js';
import { readGrant } from './grant.store.js';
import { judgeGrant } from './judge-grant.js';
import { Revocations } from './revocations.js';
import { countLateRepeat, rotate } from './rotate.js';

export interface RefreshAttempt {
  readonly client: Client;
  readonly presented: number;
  /** How long the request has been here, ms. */
  readonly ageMs: () => number;
  /** ms; of the grant if it is used at `now`. */
  readonly expiresAt: (grant: Grant, now: number) => number;
}

export interface Advanced {
  /** The number of the refresh token to hand out; null: the client keeps the one it has. */
  readonly successor: number | null;
  /** ms, database clock: the last time the grant was seen alive. */
  readonly dbTime: number;
}

/** Another request was faster every time: that many in a row means something is wrong. */
const TRIES = 8;

/** Classify, then write: the only place where a refresh changes a grant. Truth has been asked before (race 7). */
@Injectable()
export class AdvanceRefresh {
  constructor(
    private readonly db: Database,
    private readonly revocations: Revocations,
    @Inject(CHECKPOINTS) private readonly checkpoints: Checkpoints,
  ) {}

  async advance(read: ReadGrant, attempt: RefreshAttempt): Promise<Advanced> {
    let found: ReadGrant | null = read;
    for (let tries = 0; tries < TRIES && found; tries++) {
      const done = await this.attempt(found, attempt);
      if (done) return done;
      found = await readGrant(this.db, read.grant.gid);
      const refusal = found && judgeGrant(found, attempt.client);
      if (refusal) throw oauthError('invalid_grant', { detail: refusal });
    }
    if (!found) throw oauthError('invalid_grant', { detail: 'the grant is gone' });
    throw unavailable('the grant changed under every try');
  }

  /** null: somebody else wrote the row since it was read. */
  private async attempt({ grant, dbTime }: ReadGrant, attempt: RefreshAttempt): Promise<Advanced | null> {
    const { client, presented } = attempt;
    const proven = client.metadata.token_endpoint_auth_method !== 'none';
    const policy = { graceMs: client.settings.refresh_grace * 1_000, proven };
    const use = classifyRefresh(presented, rotationOf(grant), policy, { now: dbTime, arrivedAt: dbTime - attempt.ageMs() });
    if (use.kind === 'replay') throw await this.replayed(grant, attempt, use);
    await this.checkpoints.reach('token.refresh.after-classify');
    if (use.kind === 'lost_response') return this.repeat(grant, use.late, dbTime);
    // A public bearer client always gets a new one: RFC 9700 §4.14.2.
    const rotates = client.settings.rotate_refresh_tokens || !proven;
    const step = {
      gid: grant.gid,
      from: grant.refreshSeq ?? 0,
      to: rotates ? presented + 1 : presented,
      expiresAt: attempt.expiresAt(grant, dbTime),
    };
    const at = use.kind === 'current' ? await rotate(this.db, step) : await this.fastForward(grant, presented, step);
    return at === null ? null : { successor: rotates ? step.to : null, dbTime: at };
  }

  /** The same successor, computed from the row; nothing of it was ever stored. */
  private async repeat(grant: Grant, late: boolean, dbTime: number): Promise<Advanced | null> {
    const seq = grant.refreshSeq ?? 0;
    if (late && !(await countLateRepeat(this.db, grant.gid, seq))) return null;
    return { successor: seq, dbTime };
  }

  private fastForward(grant: Grant, presented: number, step: Parameters<typeof rotate>[1]): Promise<number | null> {
    return this.db.transaction(async (tx) => {
      const at = await rotate(tx, step);
      if (at === null) return null;
      const details = { client_id: grant.clientId, presented, current: step.from };
      const actor = clientActor(grant.clientId);
      await recordAudit(tx, [{ actor, action: 'refresh.fast_forward', target: grant.gid, reason: null, details }]);
      return at;
    });
  }

  private async replayed(grant: Grant, { presented }: RefreshAttempt, { why }: RefreshUse & { kind: 'replay' }): Promise<Error> {
    const details = { client_id: grant.clientId, presented, current: grant.refreshSeq ?? 0, why };
    const actor = clientActor(grant.clientId);
    const because = { actor, action: 'refresh.replayed', target: grant.gid, reason: why, details } as const;
    await this.revocations.family(grant.gid, { reason: 'refresh_replay', actor }, because);
    return oauthError('invalid_grant', { detail: `replay of a refresh token: ${why}` });
  }
}
