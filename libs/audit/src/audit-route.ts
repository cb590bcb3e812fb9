import { z } from 'zod';
import { adminRoute, pageQuery, pageResponse } from '#libs/admin-api';
import { identifier } from '#libs/contracts';

const act = z.strictObject({
  id: z.int(),
  at: z.int().describe('Milliseconds since the epoch.'),
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  reason: z.string().nullable(),
  request_id: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
});
export type AuditRow = z.output<typeof act>;

/** GET /admin/<service>/audit. `described` says in the OpenAPI document what targets and actors look like there. */
export function auditRoute(service: 'auth' | 'session' | 'token', described: { targets: string; actors: string }) {
  return adminRoute({
    method: 'GET',
    path: `/admin/${service}/audit`,
    scope: 'lanyard:audit:read',
    summary: `What the ${service} service has audited, the latest first.`,
    query: z.strictObject({
      ...pageQuery,
      target: identifier.optional().describe(described.targets),
      actor: identifier.optional().describe(described.actors),
      action: identifier.optional(),
    }),
    response: pageResponse(act),
  });
}
