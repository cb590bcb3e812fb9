import { acting, listing, reading } from '../answers.js';
import { type Command, command } from '../command.js';
import { CliError, EXIT } from '../exit-codes.js';
import { inBatches } from '../in-batches.js';

const GRANT = { service: 'token', takes: ['gid'] } as const;

export const GRANT_COMMANDS: readonly Command[] = [
  listing({
    name: 'grants list',
    summary: 'What users and clients hold; --mode offline for what outlives sessions.',
    service: 'token',
    path: '/admin/grants',
    columns: ['gid', 'sub', 'client_id', 'access_mode', 'scope', 'created_at', 'last_used_at', 'revoked_at'],
    filters: {
      user: { query: 'sub' },
      client: { query: 'client_id' },
      sid: { query: 'sid' },
      mode: { query: 'access_mode' },
      state: { query: 'state' },
    },
  }),
  reading({ ...GRANT, name: 'grants show', summary: 'One grant.', path: '/admin/grants/{gid}' }),
  acting({ ...GRANT, name: 'grants revoke', summary: 'Revokes one grant; its session goes on.', path: '/admin/grants/{gid}/revoke' }),
  command({
    name: 'grants revoke-all',
    summary: 'Revokes the grants of --user SUB, --client ID and --sid SID (those that fit all that are named).',
    options: { user: { type: 'string' }, client: { type: 'string' }, sid: { type: 'string' } },
    run(context, { values: { user, client, sid } }) {
      if (!user && !client && !sid) throw new CliError(EXIT.usage, 'Name at least one of --user, --client and --sid.');
      const body = { ...(user ? { sub: user } : {}), ...(client ? { client_id: client } : {}), ...(sid ? { sid } : {}) };
      return inBatches<{ revoked: number; remaining: boolean; confirmed: boolean }>(context, {
        service: 'token',
        path: '/admin/grants/revoke',
        body,
        verb: 'revoked',
        count: ({ revoked }) => revoked,
      });
    },
  }),
];
