import { z } from 'zod';
import { adminRoute, pageQuery, pageResponse } from '#libs/admin-api';
import { accessMode, identifier } from '#libs/contracts';

const id = identifier;
const millis = z.int().nonnegative();

const grant = z.strictObject({
  gid: id,
  sub: id,
  client_id: id,
  sid: id.describe('The session it was made in. It hangs from it unless the access mode is offline.'),
  access_mode: accessMode,
  scope: z.array(z.string()),
  resources: z.array(z.string()),
  consent_id: id.nullable(),
  refresh_token: z.boolean().describe('Whether a refresh token was issued.'),
  auth_time: millis,
  amr: z.array(z.string()),
  acr: z.string().nullable(),
  created_at: millis,
  last_used_at: millis,
  expires_at: millis.describe('When nothing of it can be alive any more, as far as is known.'),
  revoked_at: millis.nullable(),
  revoke_reason: z.string().nullable(),
});
export type GrantView = z.infer<typeof grant>;

const confirmed = z
  .boolean()
  .describe('True: every process that holds a revocation view has it. False: it holds within the freshness bound.');

export const listGrants = adminRoute({
  method: 'GET',
  path: '/admin/grants',
  scope: 'lanyard:grants:read',
  summary: 'Grants, in the order of their ids.',
  query: z.strictObject({
    ...pageQuery,
    sub: id.optional(),
    client_id: id.optional(),
    sid: id.optional(),
    access_mode: accessMode.optional(),
    state: z.enum(['live', 'revoked', 'any']).default('live').describe('live: neither revoked nor run out.'),
  }),
  response: pageResponse(grant),
});

export const readGrantRoute = adminRoute({
  method: 'GET',
  path: '/admin/grants/{gid}',
  scope: 'lanyard:grants:read',
  summary: 'One grant.',
  params: z.strictObject({ gid: id }),
  response: grant,
});

export const revokeGrantRoute = adminRoute({
  method: 'POST',
  path: '/admin/grants/{gid}/revoke',
  scope: 'lanyard:grants:write',
  summary: 'Revokes one grant with its refresh and access tokens; the session goes on. `revoked` false: it was revoked before.',
  params: z.strictObject({ gid: id }),
  response: z.strictObject({ revoked: z.boolean(), confirmed }),
});

/** How many one call revokes at most: a transaction that an operator waits for. */
export const MAX_BATCH = 1_000;

export const revokeManyGrants = adminRoute({
  method: 'POST',
  path: '/admin/grants/revoke',
  scope: 'lanyard:grants:write',
  summary: 'Revokes a batch: the grants named, or those that fit every one of sub, client_id and sid. Codes that are out die with them.',
  body: z
    .strictObject({
      gids: z.array(id).min(1).max(MAX_BATCH).optional(),
      sub: id.optional(),
      client_id: id.optional(),
      sid: id.optional().describe('What hangs from this session: offline grants made in it do not.'),
      limit: z.int().min(1).max(MAX_BATCH).default(500).describe('How many at most; repeat while `remaining`.'),
    })
    .refine(
      ({ gids, sub, client_id, sid }) => (gids !== undefined) !== [sub, client_id, sid].some((one) => one !== undefined),
      'either gids, or at least one of sub, client_id and sid',
    ),
  response: z.strictObject({ revoked: z.int(), remaining: z.boolean(), confirmed }),
});
