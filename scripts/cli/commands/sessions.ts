import { acting, listing, reading, said } from '../answers.js';
import { type Command, type Context, command, type Input } from '../command.js';
import { CliError, EXIT } from '../exit-codes.js';
import { inBatches } from '../in-batches.js';

const SELECTORS = ['user', 'client', 'all'] as const;

export const SESSION_COMMANDS: readonly Command[] = [
  listing({
    name: 'sessions list',
    summary: 'Sessions, the youngest first.',
    service: 'session',
    path: '/admin/sessions',
    columns: ['sid', 'sub', 'state', 'started_at', 'last_seen_at', 'end_reason', 'ip', 'clients'],
    filters: {
      user: { query: 'sub' },
      client: { query: 'client_id' },
      ip: { query: 'ip' },
      state: { query: 'state' },
      before: { query: 'started_before', isTime: true },
      after: { query: 'started_after', isTime: true },
    },
  }),
  reading({
    name: 'sessions show',
    summary: 'One session with its clients, the logout tokens they are owed, and every attempt.',
    service: 'session',
    path: '/admin/sessions/{sid}',
    takes: ['sid'],
  }),
  command({
    name: 'sessions end',
    summary: 'Ends a session; or all of --user SUB, of --client ID, or --all of them.',
    takes: ['[sid]'],
    options: { user: { type: 'string' }, client: { type: 'string' }, all: { type: 'boolean' }, yes: { type: 'boolean' } },
    run: endSessions,
  }),
  acting({
    name: 'sessions end-client',
    summary: 'Cuts one client out of a session that goes on.',
    service: 'session',
    path: '/admin/sessions/{sid}/participants/{client_id}/end',
    takes: ['sid', 'client_id'],
  }),
];

async function endSessions(context: Context, { names, values }: Input): Promise<number> {
  const [sid] = names;
  const chosen = SELECTORS.filter((selector) => values[selector]);
  if (chosen.length + (sid ? 1 : 0) !== 1) throw new CliError(EXIT.usage, 'Name one sid, or one of --user, --client and --all.');
  if (sid) return said(context, await context.admin.call('session', 'POST', `/admin/sessions/${encodeURIComponent(sid)}/end`));
  if (values.all && !values.yes) throw new CliError(EXIT.usage, 'This signs everybody out. Say --yes as well.');
  const selector = values.all ? { all: true } : values.user ? { sub: values.user } : { client_id: values.client };
  return inBatches<{ ended: unknown[]; remaining: boolean; confirmed: boolean }>(context, {
    service: 'session',
    path: '/admin/sessions/end',
    body: selector,
    verb: 'ended',
    count: ({ ended }) => ended.length,
  });
}
