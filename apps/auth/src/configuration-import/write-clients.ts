import type { Tx } from '#libs/database';
import type { EventDraft } from '#libs/event-log';
import type { AuditEntry } from '../audit/record-audit.js';
import type { ClientInFile, ClientPlan, ClientRow } from './plan-clients.js';
import type { Written } from './written.js';

interface Result {
  client_id: string;
  gen: number;
}
type ClientChange = Extract<EventDraft, { name: 'ClientChanged' }>['payload']['change'];

export async function readClients(tx: Tx): Promise<ClientRow[]> {
  const { rows } = await tx.query<ClientRow>('SELECT client_id, secrets, metadata, from_file, left_file FROM client');
  return rows;
}

/**
 * The generation is raised in the statement, never written from what was read: an operator may raise it at the same moment. `disabled`
 * is the operator's and is not touched.
 */
export async function writeClients(tx: Tx, plan: ClientPlan, actor: string): Promise<Written> {
  const created = await insert(tx, plan.created);
  const updated = await update(tx, plan.updated);
  const left = await leave(tx, plan.left);
  const planned = new Map(plan.updated.map((client) => [client.client_id, client]));
  const changes = [
    ...created.map((row) => written(row, 'created', { actor, action: 'client.created', details: { from_file: true } })),
    ...updated.map((row) => {
      const { returned = false, members = [] } = planned.get(row.client_id) ?? {};
      if (returned) return written(row, 'enabled', { actor, action: 'client.enabled', details: { gen: row.gen } });
      return written(row, 'updated', { actor, action: 'client.updated', details: { members } });
    }),
    ...left.map((row) => written(row, 'disabled', { actor, action: 'client.disabled', details: { gen: row.gen } })),
  ];
  return {
    events: changes.map(({ event }) => event),
    audit: changes.map(({ entry }) => entry),
    // Of a new client nobody holds a record. An updated one keeps its generation: the entry only drops the cached records.
    revocations: [...updated, ...left].map(({ client_id, gen }) => ({ kind: 'client', id: client_id, gen })),
  };
}

/** Clients that changed only by what their scopes mean now. */
export async function rereadClients(tx: Tx, scopes: readonly string[], except: ReadonlySet<string>): Promise<Written> {
  if (scopes.length === 0) return { events: [], revocations: [], audit: [] };
  const { rows } = await tx.query<Result>(
    "SELECT client_id, gen FROM client WHERE string_to_array(metadata->>'scope', ' ') && $1::text[] ORDER BY client_id",
    [[...scopes]],
  );
  const others = rows.filter(({ client_id }) => !except.has(client_id));
  return {
    events: others.map(({ client_id, gen }) => ({ name: 'ClientChanged', payload: { client_id, gen, change: 'updated' } })),
    revocations: others.map(({ client_id, gen }) => ({ kind: 'client', id: client_id, gen })),
    audit: [],
  };
}

function written({ client_id, gen }: Result, change: ClientChange, audit: Pick<AuditEntry, 'actor' | 'action' | 'details'>) {
  const event: EventDraft = { name: 'ClientChanged', payload: { client_id, gen, change, actor: audit.actor } };
  return { event, entry: { target: client_id, reason: 'configuration', ...audit } satisfies AuditEntry };
}

async function insert(tx: Tx, clients: readonly ClientInFile[]): Promise<Result[]> {
  if (clients.length === 0) return [];
  const { rows } = await tx.query<Result>(
    `INSERT INTO client (client_id, secrets, metadata, gen, disabled, from_file, left_file, created_at, updated_at)
     SELECT w.client_id, w.secrets, w.metadata, 0, false, true, false, lanyard.now(), lanyard.now()
     FROM jsonb_to_recordset($1::jsonb) AS w (client_id text, secrets jsonb, metadata jsonb) RETURNING client_id, gen`,
    [JSON.stringify(clients)],
  );
  return rows;
}

async function update(tx: Tx, clients: ClientPlan['updated']): Promise<Result[]> {
  if (clients.length === 0) return [];
  const { rows } = await tx.query<Result>(
    `UPDATE client c SET secrets = w.secrets, metadata = w.metadata, from_file = true, left_file = false,
       gen = c.gen + CASE WHEN w.returned THEN 1 ELSE 0 END, updated_at = lanyard.now()
     FROM jsonb_to_recordset($1::jsonb) AS w (client_id text, secrets jsonb, metadata jsonb, returned boolean)
     WHERE c.client_id = w.client_id RETURNING c.client_id, c.gen`,
    [JSON.stringify(clients)],
  );
  return rows;
}

async function leave(tx: Tx, clientIds: readonly string[]): Promise<Result[]> {
  if (clientIds.length === 0) return [];
  const { rows } = await tx.query<Result>(
    `UPDATE client SET left_file = true, gen = gen + 1, updated_at = lanyard.now()
     WHERE client_id = ANY ($1) AND NOT left_file RETURNING client_id, gen`,
    [[...clientIds]],
  );
  return rows;
}
