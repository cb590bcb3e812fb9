import type { ServiceWithDoor } from '../admin-client.js';
import { listing, said } from '../answers.js';
import { type Command, command } from '../command.js';
import { CliError, EXIT } from '../exit-codes.js';

const READERS = { session: '/admin/sessions/dead-letters', token: '/admin/token/dead-letters' } as const;
const NAMES: readonly string[] = Object.keys(READERS);

const list = (service: keyof typeof READERS): Command =>
  listing({
    name: `dead-letters ${service}`,
    summary: `Events that the ${service} service gave up on.`,
    service,
    path: READERS[service],
    columns: ['id', 'source', 'position', 'name', 'key', 'reason', 'tries', 'at', 'replayed_at'],
    filters: { open: { query: 'open', isSwitch: true } },
  });

export const DEAD_LETTER_COMMANDS: readonly Command[] = [
  list('session'),
  list('token'),
  command({
    name: 'dead-letters replay',
    summary: 'Hands one event to its handler again.',
    takes: ['session|token', 'id'],
    async run(context, { names: [service = '', id] }) {
      if (!NAMES.includes(service)) throw new CliError(EXIT.usage, `Dead letters are with ${NAMES.join(' and ')}.`);
      const path = `${READERS[service as keyof typeof READERS]}/replay`;
      return said(context, await context.admin.call(service as ServiceWithDoor, 'POST', path, { body: { ids: [Number(id)] } }));
    },
  }),
];
