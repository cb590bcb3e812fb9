import type { Client, ClientDirectory } from '#libs/clients';
import { tokenApi } from '#libs/contracts';
import type { Sql } from '#libs/database';
import type { InternalClient } from '#libs/http';
import { displayName } from '../../authorize/asking-client.js';
import { describeScope } from '../../clients/describe-scope.js';
import type { ConsentStore } from '../../consents/consents.store.js';
import { unfinishedWithdrawals } from '../../consents/unfinished-withdrawals.js';

/** A client that may do something in the person's name. Times: ms. */
export interface Application {
  readonly clientId: string;
  readonly name: string;
  /** What it may do, in words. */
  readonly scopes: readonly string[];
  readonly since: number;
  readonly lastUsedAt: number | null;
  readonly offlineSince: number | null;
  /** The organisation's own, which doesn't ask for consent. */
  readonly own: boolean;
  /** Consent is withdrawn, but the token service has not said yet that its grants are dead. */
  readonly unfinished: boolean;
}

interface Line {
  since: number;
  scopes: readonly string[];
  lastUsedAt: number | null;
  offlineSince: number | null;
  unfinished: boolean;
}

export interface ApplicationsParts {
  readonly db: Sql;
  readonly consents: ConsentStore;
  readonly clients: Pick<ClientDirectory, 'get'>;
  readonly internal: InternalClient;
}

/** Consents and grants together: a first-party client has grants without a consent, and those must be revocable too (ASVS 10.4.9). */
export async function listApplications({ db, consents, clients, internal }: ApplicationsParts, sub: string): Promise<Application[]> {
  const [agreed, withdrawn, { clients: held }] = await Promise.all([
    consents.list(sub),
    unfinishedWithdrawals(db, sub),
    internal.call(tokenApi.grantsOfSubject, { sub }),
  ]);
  const lines = new Map<string, Line>();
  for (const { client_id, since, last_used_at: lastUsedAt, offline_since: offlineSince, scope: scopes } of held) {
    lines.set(client_id, { since, scopes, lastUsedAt, offlineSince, unfinished: false });
  }
  for (const { client_id, revoked_at } of withdrawn) {
    lines.set(client_id, {
      since: revoked_at,
      scopes: [],
      lastUsedAt: null,
      offlineSince: null,
      ...lines.get(client_id),
      unfinished: true,
    });
  }
  for (const { client_id, scopes, granted_at: since, offline_since } of agreed) {
    const line = lines.get(client_id);
    const offlineSince = earliest(offline_since, line?.offlineSince ?? null);
    lines.set(client_id, { scopes, since, lastUsedAt: line?.lastUsedAt ?? null, offlineSince, unfinished: line?.unfinished ?? false });
  }
  const found = await Promise.all([...lines].map(async ([id, line]) => applicationOf(id, line, await clients.get(id))));
  return found.sort((a, b) => a.name.localeCompare(b.name));
}

function applicationOf(clientId: string, line: Line, client: Client | null): Application {
  const { scopes, ...rest } = line;
  const told = scopes.filter((name) => name !== 'offline_access').map((name) => describeScope(client, name));
  return { clientId, name: client ? displayName(client) : clientId, scopes: told, own: client?.metadata.first_party ?? false, ...rest };
}

function earliest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}
