import { usernameKey } from '#libs/config';
import { randomId, type Tx } from '#libs/database';
import type { EventDraft } from '#libs/event-log';
import type { AuditEntry } from '../audit/record-audit.js';
import type { UserPlan, UserRow, UserUpdate } from './plan-users.js';
import type { Written } from './written.js';

interface Result {
  sub: string;
  gen: number;
}
type SubjectChange = Extract<EventDraft, { name: 'SubjectChanged' }>['payload']['change'];

export async function readUsers(tx: Tx): Promise<UserRow[]> {
  const { rows } = await tx.query<UserRow>('SELECT sub, username, username_key, claims, roles, from_file, left_file FROM subject');
  return rows;
}

/** `hashes`: argon2id by username key, made before the transaction: 10 ms each must not be spent while rows are locked. */
export async function writeUsers(
  tx: Tx,
  plan: UserPlan,
  { hashes, actor }: { hashes: ReadonlyMap<string, string>; actor: string },
): Promise<Written> {
  const created = await insert(tx, plan, hashes);
  const updated = await update(tx, plan.updated);
  const left = await leave(tx, plan.left);
  const planned = new Map(plan.updated.map((user) => [user.sub, user]));
  const returned = updated.filter(({ sub }) => planned.get(sub)?.returned);
  const changes = [
    ...created.map((row) => written(row, 'created', { actor, action: 'subject.created', details: { from_file: true } })),
    ...updated.map((row) => {
      const { returned: back = false, members = [] } = planned.get(row.sub) ?? {};
      if (back) return written(row, 'enabled', { actor, action: 'subject.enabled', details: { gen: row.gen } });
      return written(row, 'updated', { actor, action: 'subject.updated', details: { members } });
    }),
    ...left.map((row) => written(row, 'disabled', { actor, action: 'subject.disabled', details: { gen: row.gen } })),
  ];
  return {
    events: changes.map(({ event }) => event),
    audit: changes.map(({ entry }) => entry),
    revocations: [...returned, ...left].map(({ sub, gen }) => ({ kind: 'subject', id: sub, gen })),
  };
}

function written({ sub, gen }: Result, change: SubjectChange, audit: Pick<AuditEntry, 'actor' | 'action' | 'details'>) {
  const payload = { sub, gen, change, initiated_by: 'admin', actor: audit.actor } as const;
  const event: EventDraft = { name: 'SubjectChanged', payload };
  return { event, entry: { target: sub, reason: 'configuration', ...audit } satisfies AuditEntry };
}

async function insert(tx: Tx, { created }: UserPlan, hashes: ReadonlyMap<string, string>): Promise<Result[]> {
  if (created.length === 0) return [];
  const users = created.map(({ username, claims, roles }) => {
    const username_key = usernameKey(username);
    return { sub: randomId(), username, username_key, password_hash: hashes.get(username_key), claims, roles };
  });
  const { rows } = await tx.query<Result>(
    `INSERT INTO subject (sub, username, username_key, password_hash, password_changed_at, claims, roles, gen, disabled, from_file, left_file,
       created_at, updated_at)
     SELECT w.sub, w.username, w.username_key, w.password_hash, lanyard.now(), w.claims, w.roles, 0, false, true, false, lanyard.now(), lanyard.now()
     FROM jsonb_to_recordset($1::jsonb)
       AS w (sub text, username text, username_key text, password_hash text, claims jsonb, roles text[]) RETURNING sub, gen`,
    [JSON.stringify(users)],
  );
  return rows;
}

async function update(tx: Tx, users: readonly UserUpdate[]): Promise<Result[]> {
  if (users.length === 0) return [];
  const { rows } = await tx.query<Result>(
    `UPDATE subject s SET username = w.username, claims = w.claims, roles = w.roles, from_file = true, left_file = false,
       gen = s.gen + CASE WHEN w.returned THEN 1 ELSE 0 END, updated_at = lanyard.now()
     FROM jsonb_to_recordset($1::jsonb) AS w (sub text, username text, claims jsonb, roles text[], returned boolean)
     WHERE s.sub = w.sub RETURNING s.sub, s.gen`,
    [JSON.stringify(users)],
  );
  return rows;
}

async function leave(tx: Tx, subs: readonly string[]): Promise<Result[]> {
  if (subs.length === 0) return [];
  const { rows } = await tx.query<Result>(
    `UPDATE subject SET left_file = true, gen = gen + 1, updated_at = lanyard.now()
     WHERE sub = ANY ($1) AND NOT left_file RETURNING sub, gen`,
    [[...subs]],
  );
  return rows;
}
