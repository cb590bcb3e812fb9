import { z } from 'zod';
import { adminRoute, pageQuery, pageResponse } from '#libs/admin-api';
import { USER_MEMBERS } from '#libs/config';
import { consentAnswer, ended, name, ORIGINS, userAnswer } from './answers.js';

const READ = { scope: 'lanyard:users:read' } as const;
const WRITE = { scope: 'lanyard:users:write' } as const;
const params = z.strictObject({ sub: name });
const password = USER_MEMBERS.password.describe('At least 8 characters.');

/** Until the session service knows, a refresh may still be answered with tokens; they are refused like all others within the bound. */
const onlyAccepted = ({ ended }: { readonly ended?: unknown }) => ended === null;

const act = (action: string, summary: string) =>
  adminRoute({ ...WRITE, method: 'POST', path: `/admin/users/{sub}/${action}`, summary, params, response: ended, onlyAccepted });

export const userRoutes = {
  list: adminRoute({
    ...READ,
    method: 'GET',
    path: '/admin/users',
    summary: 'Users by username.',
    query: z.strictObject({
      ...pageQuery,
      search: name.optional().describe('How the username begins, without regard to case.'),
      disabled: z.boolean().optional(),
      origin: z.enum(ORIGINS).optional(),
    }),
    response: pageResponse(userAnswer),
  }),
  create: adminRoute({
    ...WRITE,
    method: 'POST',
    path: '/admin/users',
    summary: 'Creates a user that no configuration file speaks of.',
    body: z.strictObject({ ...USER_MEMBERS, password }),
    response: userAnswer,
    status: 201,
  }),
  read: adminRoute({ ...READ, method: 'GET', path: '/admin/users/{sub}', summary: 'One user.', params, response: userAnswer }),
  disable: act('disable', 'Ends all sessions, revokes all grants, refuses every login.'),
  enable: act('enable', 'Lets the user sign in again. Nothing that was ended comes back.'),
  revokeAll: act('revoke-all', 'Ends all sessions and revokes all grants, offline ones too. The user may sign in again.'),
  setPassword: adminRoute({
    ...WRITE,
    method: 'POST',
    path: '/admin/users/{sub}/password',
    summary: 'Sets a password; everything that came of the old one ends.',
    params,
    body: z.strictObject({ password }),
    response: ended,
    onlyAccepted,
  }),
  consents: adminRoute({
    ...READ,
    method: 'GET',
    path: '/admin/users/{sub}/consents',
    summary: 'What the user agreed to and did not withdraw.',
    params,
    response: z.strictObject({ items: z.array(consentAnswer) }),
  }),
  revokeConsent: adminRoute({
    ...WRITE,
    method: 'POST',
    path: '/admin/users/{sub}/consents/{client_id}/revoke',
    summary: 'Withdraws a consent; its grants are revoked before this answers. The session goes on.',
    params: z.strictObject({ sub: name, client_id: name }),
    response: z.strictObject({ revoked: z.boolean(), confirmed: z.boolean() }),
  }),
};
