import type { Sql } from '#libs/database';
import type { AuditDetails } from '../../audit/record-audit.js';
import type { Happening } from './happening.js';

interface Row {
  id: number;
  at: number;
  actor: string;
  action: string;
  reason: string | null;
  details: { address?: string | null; client_id?: string };
}

export interface AuditHappening extends Happening {
  readonly id: number;
}

type Told = (row: Row, nameOf: (clientId: string) => string) => Pick<Happening, 'what' | 'bad'>;
const good = (what: string) => ({ what, bad: false });
const application: (words: string) => Told =
  (words) =>
  ({ details }, nameOf) =>
    good(words.replace('…', details.client_id === undefined ? 'an application' : nameOf(details.client_id)));

/** What of the audit is its subject's business, and how it is said. What is not named here stays the operators'. */
const TOLD: Partial<Record<keyof AuditDetails, Told>> = {
  'login.succeeded': ({ reason }) => good(reason === 'reauthentication' ? 'Confirmed the password' : 'Signed in'),
  'login.failed': ({ reason }) => ({ what: reason === 'disabled' ? 'Sign-in to the disabled account' : 'Wrong password', bad: true }),
  'consent.granted': application('Gave permissions to …'),
  'consent.denied': application('Denied permissions to …'),
  'consent.revoked': application('Removed the access of …'),
  'application.revoked': application('Removed the access of …'),
  'subject.created': () => good('Account created'),
  'subject.password_changed': () => good('Password changed'),
  'subject.disabled': () => good('Account disabled'),
  'subject.enabled': () => good('Account enabled'),
  'subject.revoked_all': () => good('Everything signed out and all access removed'),
};

/**
 * Auth's own part, by the order in which it was recorded. By actor, and by what it was about: the account, or a consent of it. `before`: the last
 * id of the page before.
 */
export async function auditHappenings(
  sql: Sql,
  options: { sub: string; before: number | null; limit: number; nameOf: (clientId: string) => Promise<string> },
): Promise<AuditHappening[]> {
  const { sub, before, limit, nameOf } = options;
  const { rows } = await sql.query<Row>(
    `SELECT id, lanyard.ms(at) AS at, actor, action, reason, details FROM (
       (SELECT * FROM audit WHERE actor = $1 AND action = ANY ($2) AND ($3::bigint IS NULL OR id < $3) ORDER BY id DESC LIMIT $4)
       UNION
       (SELECT * FROM audit WHERE target = ANY (ARRAY[$1] || ARRAY(SELECT consent_id FROM consent WHERE sub = $1))
          AND action = ANY ($2) AND ($3::bigint IS NULL OR id < $3) ORDER BY id DESC LIMIT $4)
     ) both_ways ORDER BY id DESC LIMIT $4`,
    [sub, Object.keys(TOLD), before, limit],
  );
  const named = new Set(rows.flatMap(({ details: { client_id } }) => (client_id === undefined ? [] : [client_id])));
  const names = new Map(await Promise.all([...named].map(async (id) => [id, await nameOf(id)] as const)));
  return rows.flatMap((row) => {
    const told = TOLD[row.action as keyof AuditDetails]?.(row, (id) => names.get(id) ?? id);
    if (!told) return [];
    const by = row.actor === sub || row.actor === 'anonymous' ? [] : ['by an administrator'];
    const from = row.details.address ? [`from ${row.details.address}`] : [];
    return [{ id: row.id, at: row.at, ...told, more: [...by, ...from] }];
  });
}
