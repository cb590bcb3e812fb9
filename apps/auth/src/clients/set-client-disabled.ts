import { Injectable } from '@nestjs/common';
import type { CallingClient } from '#libs/admin-api';
import type { RevocationEntry } from '#libs/contracts';
import { Database, type Tx } from '#libs/database';
import { Outbox } from '#libs/event-log';
import { Log } from '#libs/http';
import { oauthError } from '#libs/protocol';
import { recordAudit } from '../audit/record-audit.js';
import { AfterChange } from '../changes/after-change.js';
import { refuseMoreRights } from './judge-registration.js';
import { publishClient } from './publish-client.js';
import { noSuchClient } from './stored-client.js';

interface Switch {
  clientId: string;
  disabled: boolean;
  actor: string;
  /** An operator's tools: they switch off and on nobody who may do more than they, and never themselves. Without: one of our services. */
  caller?: Pick<CallingClient, 'clientId' | 'scopes'>;
}

interface Switched {
  gen: number;
  entries: RevocationEntry[];
  /** False: it stood so already. */
  changed: boolean;
}

/** An operator's switch. The client fails everywhere and its tokens die; its grants resume when it is enabled again, its tokens don't. */
@Injectable()
export class SetClientDisabled {
  constructor(
    private readonly db: Database,
    private readonly outbox: Outbox,
    private readonly after: AfterChange,
    private readonly log: Log,
  ) {}

  async set(change: Switch): Promise<{ gen: number; confirmed: boolean }> {
    const { gen, entries, changed } = await this.db.transaction((tx) => this.write(tx, change));
    const confirmed = await this.after.announce(entries);
    const { clientId: client_id, disabled, actor } = change;
    if (changed) this.log.info('a client changed', { client_id, action: disabled ? 'disabled' : 'enabled', actor, confirmed });
    return { gen, confirmed };
  }

  private async write(tx: Tx, { clientId, disabled, actor, caller }: Switch): Promise<Switched> {
    if (caller) await mayWrite(tx, clientId, disabled, caller);
    const { rows } = await tx.query<{ gen: number }>(
      `UPDATE client SET disabled = $2, gen = gen + 1, updated_at = lanyard.now()
       WHERE client_id = $1 AND disabled IS DISTINCT FROM $2 AND ($2 OR NOT left_file) RETURNING gen`,
      [clientId, disabled],
    );
    const [changed] = rows;
    if (!changed) return this.asItIs(tx, clientId, disabled);
    const { gen } = changed;
    const change = disabled ? 'disabled' : 'enabled';
    await recordAudit(tx, [{ actor, action: `client.${change}`, target: clientId, reason: 'admin', details: { gen } }]);
    return { gen, entries: await publishClient(tx, this.outbox, { client_id: clientId, gen, change, actor }), changed: true };
  }

  /** Nothing is written, but the views are told once more, so that the answer to a repeated call means something. */
  private async asItIs(tx: Tx, clientId: string, disabled: boolean): Promise<Switched> {
    const { rows } = await tx.query<{ gen: number; left_file: boolean; at: number }>(
      'SELECT gen, left_file, lanyard.now_ms() AS at FROM client WHERE client_id = $1',
      [clientId],
    );
    const [row] = rows;
    if (!row) throw noSuchClient();
    if (!disabled && row.left_file)
      throw oauthError('conflict', { description: 'This client left the configuration file, which alone can bring it back.' });
    return { gen: row.gen, entries: [{ kind: 'client', id: clientId, gen: row.gen, at: row.at }], changed: false };
  }
}

async function mayWrite(tx: Tx, clientId: string, disabled: boolean, caller: Pick<CallingClient, 'clientId' | 'scopes'>): Promise<void> {
  const { rows } = await tx.query<{ metadata: { scope?: unknown } }>('SELECT metadata FROM client WHERE client_id = $1 FOR UPDATE', [
    clientId,
  ]);
  const [client] = rows;
  if (!client) throw noSuchClient();
  refuseMoreRights(client.metadata, caller.scopes);
  if (disabled && clientId === caller.clientId)
    throw oauthError('conflict', { description: 'A client does not switch itself off: nobody might be left to switch it on again.' });
}
