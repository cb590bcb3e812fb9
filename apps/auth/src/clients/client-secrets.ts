import { Injectable } from '@nestjs/common';
import type { RevocationEntry } from '#libs/contracts';
import { Database, Pepper, randomSecret, type Tx } from '#libs/database';
import { Outbox } from '#libs/event-log';
import { clientMetadata, oauthError } from '#libs/protocol';
import { recordAudit } from '../audit/record-audit.js';
import { AfterChange } from '../changes/after-change.js';
import { refuseMoreRights } from './judge-registration.js';
import { publishClient } from './publish-client.js';
import { type CallerRights, SECRET_PREFIX, stored } from './register-client.js';
import { lockChangeable, type StoredClient, type StoredSecret, secretId } from './stored-client.js';

const AT_MOST = 2;

/** Two secrets live at once, so that one replaces the other without a moment in which the client can't authenticate. */
@Injectable()
export class ClientSecrets {
  constructor(
    private readonly db: Database,
    private readonly outbox: Outbox,
    private readonly pepper: Pepper,
    private readonly after: AfterChange,
  ) {}

  /** The value is said this once. Usable everywhere at once when confirmed. */
  async add(clientId: string, caller: CallerRights): Promise<{ secretId: string; secret: string; confirmed: boolean }> {
    const secret = randomSecret(SECRET_PREFIX);
    const { id, entries } = await this.db.transaction(async (tx) => {
      const client = await lockChangeable(tx, clientId);
      refuseMoreRights(client.metadata, caller.scopes);
      if (clientMetadata.parse(client.metadata).token_endpoint_auth_method === 'none') {
        throw oauthError('conflict', { description: 'A public client has no secret.' });
      }
      if (client.secrets.length >= AT_MOST)
        throw oauthError('conflict', { description: 'Two secrets are live already: remove one first.' });
      const added = await stored(tx, this.pepper, secret);
      const id = secretId(added);
      const entry = {
        actor: caller.actor,
        action: 'client.secret_added' as const,
        target: clientId,
        reason: null,
        details: { secret_id: id },
      };
      await recordAudit(tx, [entry]);
      return { id, entries: await this.write(tx, client, [...client.secrets, added]) };
    });
    return { secretId: id, secret, confirmed: await this.after.announce(entries) };
  }

  /** Refused everywhere when confirmed. Tokens that were got with it live on: who wants those dead disables the client. */
  async remove(clientId: string, id: string, caller: CallerRights): Promise<{ confirmed: boolean }> {
    const entries = await this.db.transaction(async (tx) => {
      const client = await lockChangeable(tx, clientId);
      refuseMoreRights(client.metadata, caller.scopes);
      const rest = client.secrets.filter((secret) => secretId(secret) !== id);
      if (rest.length === client.secrets.length) throw oauthError('not_found', { description: 'There is no such secret.' });
      if (rest.length === 0)
        throw oauthError('conflict', { description: 'It is the last secret: add another first, or disable the client.' });
      const entry = {
        actor: caller.actor,
        action: 'client.secret_removed' as const,
        target: clientId,
        reason: null,
        details: { secret_id: id },
      };
      await recordAudit(tx, [entry]);
      return this.write(tx, client, rest);
    });
    return { confirmed: await this.after.announce(entries) };
  }

  private async write(tx: Tx, { client_id, gen }: StoredClient, secrets: readonly StoredSecret[]): Promise<RevocationEntry[]> {
    await tx.query('UPDATE client SET secrets = $2, updated_at = lanyard.now() WHERE client_id = $1', [client_id, JSON.stringify(secrets)]);
    return publishClient(tx, this.outbox, { client_id, gen, change: 'updated' });
  }
}
