import { Injectable } from '@nestjs/common';
import type { AdminInputOf, CallingClient } from '#libs/admin-api';
import type { RevocationEntry } from '#libs/contracts';
import { Database, type Sql, type Tx } from '#libs/database';
import { Outbox } from '#libs/event-log';
import { Log } from '#libs/http';
import { voidCodes } from '../codes/void-codes.js';
import { Announce } from '../grants/announce.js';
import { revokeGrants } from '../grants/revoke-grants.js';
import type { revokeManyGrants } from './grant-routes.js';

export type RevokeManyRequest = AdminInputOf<typeof revokeManyGrants>['body'];

/** By the batch: each call is one transaction of bounded size, its answer the progress, and the caller goes on while `remaining`. */
@Injectable()
export class RevokeMany {
  constructor(
    private readonly db: Database,
    private readonly outbox: Outbox,
    private readonly announce: Announce,
    private readonly log: Log,
  ) {}

  async revoke(request: RevokeManyRequest, { actor }: CallingClient): Promise<{ revoked: number; remaining: boolean; confirmed: boolean }> {
    const { done, remaining } = await this.db.transaction(async (tx: Tx) => {
      // Before the grants are looked for, or a code that is out would become one after "revoked" was said.
      if (!request.gids) await voidCodes(tx, request);
      const found = await liveOf(tx, request);
      const gids = found.slice(0, request.limit);
      return { done: await revokeGrants(tx, this.outbox, { gids }, { reason: 'admin', actor }), remaining: found.length > gids.length };
    });
    const entries = done.count > 0 ? done.entries : await lately(this.db, request);
    const confirmed = await this.announce.revoked(entries);
    const { sub, client_id, sid } = request;
    if (done.count > 0) this.log.info('grants revoked', { sub, client_id, sid, reason: 'admin', actor, count: done.count, confirmed });
    return { revoked: done.count, remaining, confirmed };
  }
}

const FITS = `($1::text[] IS NULL OR gid = ANY($1)) AND ($2::text IS NULL OR sub = $2) AND ($3::text IS NULL OR client_id = $3)
  AND ($4::text IS NULL OR (sid = $4 AND access_mode <> 'offline'))`;

const paramsOf = ({ gids, sub, client_id, sid }: RevokeManyRequest) => [gids ?? null, sub ?? null, client_id ?? null, sid ?? null];

/** One more than the batch, to know whether there is more. In the order of grants_live_of_client: a batch of a large client reads no more than itself. */
async function liveOf(tx: Sql, request: RevokeManyRequest): Promise<string[]> {
  const { rows } = await tx.query<{ gid: string }>(
    `SELECT gid FROM grants WHERE ${FITS} AND revoked_at IS NULL ORDER BY access_mode, gid LIMIT $5 FOR NO KEY UPDATE`,
    [...paramsOf(request), request.limit + 1],
  );
  return rows.map(({ gid }) => gid);
}

/** A caller who lost the answer asks again, and is told whether what the first call did is true by now. */
async function lately(sql: Sql, request: RevokeManyRequest): Promise<RevocationEntry[]> {
  const { rows } = await sql.query<{ gid: string; at: number }>(
    `SELECT gid, lanyard.now_ms() AS at FROM grants WHERE ${FITS} AND revoked_at > (SELECT lanyard.now()) - interval '1 minute' LIMIT ${1_000}`,
    paramsOf(request),
  );
  return rows.map(({ gid, at }) => ({ kind: 'grant', id: gid, at }));
}
