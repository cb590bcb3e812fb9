import { acting, listing, reading } from '../answers.js';
import type { Command } from '../command.js';
import { readSecret } from '../read-secret.js';

const USER = { service: 'auth', takes: ['sub'] } as const;

const act = (verb: string, summary: string): Command =>
  acting({ ...USER, name: `users ${verb}`, summary, path: `/admin/users/{sub}/${verb}` });

export const USER_COMMANDS: readonly Command[] = [
  listing({
    name: 'users list',
    summary: 'Users by username.',
    service: 'auth',
    path: '/admin/users',
    columns: ['sub', 'username', 'disabled', 'origin', 'roles', 'created_at'],
    filters: { search: { query: 'search' }, disabled: { query: 'disabled', isSwitch: true } },
  }),
  reading({ ...USER, name: 'users show', summary: 'One user.', path: '/admin/users/{sub}' }),
  acting({
    name: 'users create',
    summary: 'Creates a user; the password is read from standard input.',
    service: 'auth',
    path: '/admin/users',
    takes: ['username'],
    body: async ({ names: [username] }) => ({ username, password: await readSecret('Password') }),
  }),
  act('disable', 'Ends all sessions, revokes all grants, refuses every login.'),
  act('enable', 'Lets the user sign in again. Nothing that was ended comes back.'),
  act('revoke-all', 'Ends all sessions and revokes all grants, offline ones too.'),
  acting({
    ...USER,
    name: 'users set-password',
    summary: 'Sets a password, read from standard input; everything that came of the old one ends.',
    path: '/admin/users/{sub}/password',
    body: async () => ({ password: await readSecret('New password') }),
  }),
  listing({
    name: 'users consents',
    summary: 'What the user agreed to.',
    service: 'auth',
    path: '/admin/users/{sub}/consents',
    takes: ['sub'],
    unpaged: true,
    columns: ['client_id', 'client_name', 'scopes', 'granted_at', 'offline_since'],
  }),
  acting({
    name: 'users revoke-consent',
    summary: 'Withdraws a consent; its grants are revoked before this answers.',
    service: 'auth',
    path: '/admin/users/{sub}/consents/{client_id}/revoke',
    takes: ['sub', 'client_id'],
  }),
];
