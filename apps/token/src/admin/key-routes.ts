import { z } from 'zod';
import { adminRoute, pageQuery, pageResponse } from '#libs/admin-api';
import { identifier } from '#libs/contracts';
import { KEY_STATES } from '../keys/decide-rotation.js';
import { KEY_PURPOSES } from '../keys/key-line.js';

const kid = identifier;
const millis = z.int().nonnegative();

const key = z.strictObject({
  kid,
  line: z.string().describe('Keys that follow one another: signing:<alg>, sealing, refresh_mac.'),
  purpose: z.enum(KEY_PURPOSES),
  alg: z.string(),
  state: z.enum(KEY_STATES),
  created_at: millis,
  activates_at: millis,
  replaced_at: millis.nullable(),
  remove_after: millis.nullable(),
  retired_at: millis.nullable(),
  revoked_at: millis.nullable(),
});
export type KeyView = z.infer<typeof key>;

export const listKeys = adminRoute({
  method: 'GET',
  path: '/admin/keys',
  scope: 'lanyard:keys:read',
  summary: 'Keys, the youngest first. Never a key itself.',
  query: z.strictObject({ ...pageQuery, line: z.string().min(1).max(64).optional(), state: z.enum(KEY_STATES).optional() }),
  response: pageResponse(key),
});

export const rotateLine = adminRoute({
  method: 'POST',
  path: '/admin/keys/lines/{line}/rotate',
  scope: 'lanyard:keys:write',
  summary:
    'Makes the next key take over as soon as every holder and every cache of the JWKS has it: ten minutes after it was made. Costs nothing.',
  params: z.strictObject({ line: z.string().min(1).max(64) }),
  response: z.strictObject({
    active: kid.nullable(),
    pending: kid.nullable(),
    takes_over_at: millis.nullable().describe('null: the successor has taken over.'),
  }),
});

export const revokeKey = adminRoute({
  method: 'POST',
  path: '/admin/keys/{kid}/revoke',
  scope: 'lanyard:keys:write',
  summary:
    'For a key that somebody else may have: everything under it is refused at once. Sealing: all opaque access tokens of its time. Signing: all JWTs of its time; resource servers that verify by themselves learn it with the next JWKS (300 s). Refresh MAC: all refresh tokens of its time, offline ones too, so people have to sign in again.',
  params: z.strictObject({ kid }),
  response: z.strictObject({
    revoked: z.boolean().describe('False: it was retired or revoked before.'),
    successor: kid.nullable().describe('What took over; null: it was not the active key.'),
    confirmed: z
      .boolean()
      .describe('True: every process that holds a revocation view refuses it. False: they do within the freshness bound.'),
  }),
});
