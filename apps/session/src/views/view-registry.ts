import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import type { RegisteredView, ViewDirectory } from '#libs/revocation-host';

const LEASE_MS = 2_000;
/** docs/decisions/0004: how long a view that lapsed still counts, unless its address refuses. */
const FORGOTTEN_AFTER = '60 seconds';

/**
 * apps/session/src/views owns the registry of processes that hold a revocation view. It sends nothing itself: whoever ended or revoked
 * reads it after the commit. The race: a view registers before its bootstrap reads, an end reads the registry after its commit; so
 * either the bootstrap sees the end, or the end sees the view.
 */
@Injectable()
export class ViewRegistry implements ViewDirectory {
  constructor(private readonly db: Database) {}

  async register(view: { view_id: string; address: string; service: string }): Promise<{ lease_ms: number }> {
    await this.db.query(
      `INSERT INTO view (view_id, address, service, lease_until)
       VALUES ($1, $2, $3, lanyard.now() + ${LEASE_MS} * interval '1 millisecond')
       ON CONFLICT (view_id) DO UPDATE SET address = excluded.address, service = excluded.service, lease_until = excluded.lease_until`,
      [view.view_id, view.address, view.service],
    );
    return { lease_ms: LEASE_MS };
  }

  /** A process that leaves in order. */
  async unregister(viewId: string): Promise<void> {
    await this.db.query('DELETE FROM view WHERE view_id = $1', [viewId]);
  }

  /** One that lapsed and at whose address nobody listens. The race: it may have renewed meanwhile, and then it stays. */
  async remove(viewId: string): Promise<void> {
    await this.db.query('DELETE FROM view WHERE view_id = $1 AND lease_until <= (SELECT lanyard.now())', [viewId]);
  }

  /** What is gone for a minute is removed on the way: the table never grows beyond the processes of the last minute. */
  async list(): Promise<RegisteredView[]> {
    const { rows } = await this.db.query<RegisteredView & { forgotten: boolean }>(
      `SELECT v.view_id, v.address, v.lease_until <= c.now AS lapsed, v.lease_until <= c.now - interval '${FORGOTTEN_AFTER}' AS forgotten
       FROM view v, (SELECT lanyard.now() AS now OFFSET 0) c`,
    );
    if (rows.some(({ forgotten }) => forgotten)) await this.forget();
    return rows.filter(({ forgotten }) => !forgotten).map(({ forgotten: _, ...view }) => view);
  }

  private async forget(): Promise<void> {
    await this.db.query(`DELETE FROM view WHERE lease_until <= (SELECT lanyard.now()) - interval '${FORGOTTEN_AFTER}'`);
  }
}
