import { z } from 'zod';
import { adminRoute, pageQuery, pageResponse } from '#libs/admin-api';
import { identifier } from '#libs/contracts';

const name = identifier;

const act = z.strictObject({
  id: z.int(),
  at: z.int(),
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  reason: z.string().nullable(),
  request_id: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
});
export type AuditedAct = z.output<typeof act>;

export const listAudit = adminRoute({
  method: 'GET',
  path: '/admin/session/audit',
  scope: 'lanyard:audit:read',
  summary: 'What the session service has audited, the latest first.',
  query: z.strictObject({
    ...pageQuery,
    target: name.optional().describe('A session, a delivery, a dead letter.'),
    actor: name.optional().describe('client:<client_id>, a subject, policy, system.'),
    action: name.optional(),
  }),
  response: pageResponse(act),
});
