import { z } from 'zod';
import { type AdminInputOf, cursorNumber, cursorOf, type Page, pageOf } from '#libs/admin-api';
import type { Sql } from '#libs/database';
import { DELIVERY_STATES } from '../backchannel/delivery.entity.js';
import type { ListedDelivery, listDeliveries } from './delivery-routes.js';

export type DeliveryFilter = AdminInputOf<typeof listDeliveries>['query'];

const cursor = cursorOf('deliveries', z.tuple([cursorNumber]));

export const DELIVERY_COLUMNS = `d.delivery_id, d.sid, d.sub, d.client_id,
  CASE WHEN d.grants_due IS NULL THEN 'session_ended' ELSE 'client_ended' END AS cause, d.state, d.attempts,
  lanyard.ms(d.created_at) AS created_at, lanyard.ms(d.due_at) AS due_at, lanyard.ms(d.give_up_at) AS give_up_at,
  lanyard.ms(d.finished_at) AS finished_at, d.reason`;

/** The latest first. As with sessions: one branch per state where an index leads with it, so that no page is sorted. */
export async function pageOfDeliveries(sql: Sql, filter: DeliveryFilter): Promise<Page<ListedDelivery>> {
  const { text, params } = deliveriesQuery(filter);
  const { rows } = await sql.query<ListedDelivery>(text, params);
  return pageOf(rows, filter.limit, { item: (row) => row, cursor: ({ delivery_id }) => cursor.encode([delivery_id]) });
}

export function deliveriesQuery(filter: DeliveryFilter): { text: string; params: unknown[] } {
  const params: unknown[] = [];
  const bind = (value: unknown) => `$${params.push(value)}`;
  const limit = bind(filter.limit + 1);
  const key = cursor.decode(filter.cursor);
  const common = [
    ...(filter.sid === undefined ? [] : [`d.sid = ${bind(filter.sid)}`]),
    ...(filter.client_id === undefined ? [] : [`d.client_id = ${bind(filter.client_id)}`]),
    ...(key === null ? [] : [`d.delivery_id < ${bind(key[0])}::bigint`]),
  ];
  // By session it is a handful; by nothing it is the primary key: both need no state.
  const states = filter.state ? [filter.state] : filter.client_id !== undefined && filter.sid === undefined ? DELIVERY_STATES : [null];
  const branches = states.map((state) => {
    const all = [...common, ...(state === null ? [] : [`d.state = '${state}'`])];
    return `(SELECT d.* FROM delivery d WHERE ${all.join(' AND ') || 'true'} ORDER BY d.delivery_id DESC LIMIT ${limit})`;
  });
  const text = `SELECT ${DELIVERY_COLUMNS} FROM (${branches.join(' UNION ALL ')}) d ORDER BY d.delivery_id DESC LIMIT ${limit}`;
  return { text, params };
}
