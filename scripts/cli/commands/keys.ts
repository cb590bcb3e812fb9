import { acting, listing } from '../answers.js';
import type { Command } from '../command.js';

export const KEY_COMMANDS: readonly Command[] = [
  listing({
    name: 'keys list',
    summary: 'Signing, sealing and refresh-token keys with their states; never a key itself.',
    service: 'token',
    path: '/admin/keys',
    columns: ['kid', 'line', 'state', 'created_at', 'activates_at', 'replaced_at', 'remove_after'],
    filters: { line: { query: 'line' }, state: { query: 'state' } },
  }),
  acting({
    name: 'keys rotate',
    summary: 'The next key of a line takes over as soon as every holder has it; costs nothing.',
    service: 'token',
    path: '/admin/keys/lines/{line}/rotate',
    takes: ['line'],
  }),
  acting({
    name: 'keys revoke',
    summary: 'For a key that somebody else may have: everything under it is refused at once.',
    service: 'token',
    path: '/admin/keys/{kid}/revoke',
    takes: ['kid'],
  }),
];
