import { Inject, Injectable } from '@nestjs/common';
import { hashClientSecret } from '#libs/clients';
import type { AuthConfig } from '#libs/config';
import { Database, Pepper, randomId, randomSecret, type Tx } from '#libs/database';
import { Outbox } from '#libs/event-log';
import { oauthError } from '#libs/protocol';
import { recordAudit } from '../audit/record-audit.js';
import { AfterChange } from '../changes/after-change.js';
import { changedMembers } from '../configuration-import/canonical.js';
import { AUTH_CONFIG } from '../ports.js';
import { type Judged, judgeRegistration, refuseMoreRights } from './judge-registration.js';
import { publishClient } from './publish-client.js';
import { lockChangeable, type StoredClient, type StoredSecret } from './stored-client.js';

export interface CallerRights {
  readonly actor: string;
  /** The scopes of the caller's token. */
  readonly scopes: readonly string[];
}

export interface Registered {
  readonly clientId: string;
  /** Said this once; only its keyed hash is kept. */
  readonly secret: string | null;
  readonly confirmed: boolean;
}

export const SECRET_PREFIX = 'lanyard_cs_';

/** Clients that no file speaks of. Made and changed by the rules of the file. */
@Injectable()
export class RegisterClient {
  constructor(
    private readonly db: Database,
    private readonly outbox: Outbox,
    private readonly pepper: Pepper,
    private readonly after: AfterChange,
    @Inject(AUTH_CONFIG) private readonly config: Pick<AuthConfig, 'settings'>,
  ) {}

  async create(clientId: string | undefined, written: Readonly<Record<string, unknown>>, caller: CallerRights): Promise<Registered> {
    const judged = await judgeRegistration(this.db, written, this.config.settings);
    refuseMoreRights(judged.metadata, caller.scopes);
    const client = { id: clientId ?? randomId(), secret: judged.needsSecret ? randomSecret(SECRET_PREFIX) : null };
    const entries = await this.db.transaction((tx) => this.insert(tx, client, judged, caller.actor));
    return { clientId: client.id, secret: client.secret, confirmed: await this.after.announce(entries) };
  }

  /** RFC 7396: members that are null are removed, others replaced. The generation stays: live tokens go on until they expire. */
  async change(clientId: string, patch: Readonly<Record<string, unknown>>, caller: CallerRights): Promise<Registered> {
    const { secret, entries } = await this.db.transaction(async (tx) => {
      const before = await lockChangeable(tx, clientId);
      refuseMoreRights(before.metadata, caller.scopes);
      const judged = await judgeRegistration(tx, merged(before.metadata, patch), this.config.settings);
      refuseMoreRights(judged.metadata, caller.scopes);
      return this.update(tx, before, judged, caller.actor);
    });
    return { clientId, secret, confirmed: await this.after.announce(entries) };
  }

  private async insert(tx: Tx, { id, secret }: { id: string; secret: string | null }, { metadata }: Judged, actor: string) {
    const secrets = secret === null ? [] : [await stored(tx, this.pepper, secret)];
    const { affected } = await tx.query(
      `INSERT INTO client (client_id, secrets, metadata, gen, disabled, from_file, left_file, created_at, updated_at)
       VALUES ($1, $2, $3, 0, false, false, false, lanyard.now(), lanyard.now()) ON CONFLICT (client_id) DO NOTHING`,
      [id, JSON.stringify(secrets), JSON.stringify(metadata)],
    );
    if (affected === 0) throw oauthError('conflict', { description: 'There is a client of that client_id.' });
    await recordAudit(tx, [{ actor, action: 'client.created', target: id, reason: null, details: { from_file: false } }]);
    return publishClient(tx, this.outbox, { client_id: id, gen: 0, change: 'created', actor });
  }

  private async update(tx: Tx, before: StoredClient, { metadata, needsSecret }: Judged, actor: string) {
    const members = changedMembers({ ...before.metadata }, { ...metadata });
    const secret = needsSecret && before.secrets.length === 0 ? randomSecret(SECRET_PREFIX) : null;
    const secrets: StoredSecret[] = needsSecret ? [...before.secrets] : [];
    if (secret !== null) secrets.push(await stored(tx, this.pepper, secret));
    if (secrets.length !== before.secrets.length) members.push('client_secret');
    const { client_id, gen } = before;
    if (members.length > 0) {
      await tx.query('UPDATE client SET metadata = $2, secrets = $3, updated_at = lanyard.now() WHERE client_id = $1', [
        client_id,
        JSON.stringify(metadata),
        JSON.stringify(secrets),
      ]);
      await recordAudit(tx, [{ actor, action: 'client.updated', target: client_id, reason: null, details: { members } }]);
    }
    return { secret, entries: await publishClient(tx, this.outbox, { client_id, gen, change: 'updated', actor }) };
  }
}

/** A secret as the row keeps it. */
export async function stored(tx: Tx, pepper: Pepper, secret: string): Promise<StoredSecret> {
  const { rows } = await tx.query<{ now: number }>('SELECT lanyard.now_ms() AS now');
  return { ...hashClientSecret(pepper, secret), created_at: Number(rows[0]?.now) };
}

function merged(before: Readonly<Record<string, unknown>>, patch: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...before, ...patch }).filter(([, value]) => value !== null));
}
