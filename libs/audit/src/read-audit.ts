import { z } from 'zod';
import { cursorNumber, cursorOf, type Page, pageOf } from '#libs/admin-api';
import type { Sql } from '#libs/database';
import type { AuditRow } from './audit-route.js';
import { foundBy } from './found-by.js';
import { writeAudit } from './write-audit.js';

export interface AuditRead {
  limit: number;
  cursor?: string | undefined;
  target?: string | undefined;
  actor?: string | undefined;
  action?: string | undefined;
}

type Service = 'auth' | 'session' | 'token';

const byId = (service: Service) => cursorOf(`${service}/audit`, z.tuple([cursorNumber]));

/**
 * A page of this service's audit, the latest first; who reads it is in it. Only the filters that were given are in the statement, so
 * that each finds its index (target, actor) however long the table is.
 */
export async function readAudit(tx: Sql, service: Service, query: AuditRead, caller: { actor: string }): Promise<Page<AuditRow>> {
  const { limit, cursor, target = null, actor = null, action = null } = query;
  const codec = byId(service);
  const before = codec.decode(cursor)?.[0] ?? null;
  const asked = Object.entries({ 'id <': before, 'target =': target, 'actor =': actor, 'action =': action }).filter(
    ([, value]) => value !== null,
  );
  const where = asked.map(([condition], index) => `${condition} $${index + 2}`).join(' AND ') || 'true';
  const { rows } = await tx.query<AuditRow>(
    `SELECT id, lanyard.ms(at) AS at, actor, action, target, reason, request_id, details FROM audit WHERE ${where} ORDER BY id DESC LIMIT $1`,
    [limit + 1, ...asked.map(([, value]) => value)],
  );
  const page = pageOf(rows, limit, { item: (row) => row, cursor: ({ id }) => codec.encode([id]) });
  const details = { ...foundBy({ target, actor }, page.items.length), count: page.items.length };
  await writeAudit(tx, [{ actor: caller.actor, action: 'audit.read', target: 'audit', reason: null, details }]);
  return page;
}
