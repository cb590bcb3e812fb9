import { listing } from '../answers.js';
import { type Command, type Context, command, type Input } from '../command.js';
import { CliError, EXIT } from '../exit-codes.js';

type Owner = 'auth' | 'session';
const OWNERS: readonly string[] = ['auth', 'session'] satisfies Owner[];

const list = (service: Owner): Command =>
  listing({
    name: `unread-events ${service}`,
    summary: `Events of the ${service} service that retention moved away unread.`,
    service,
    path: pathOf(service),
    columns: ['event_id', 'reader', 'partition', 'position', 'name', 'key', 'created_at', 'moved_at'],
  });

export const UNREAD_EVENT_COMMANDS: readonly Command[] = [
  list('auth'),
  list('session'),
  command({
    name: 'unread-events replay',
    summary: 'Puts one into the log again: its readers get it as a new one.',
    takes: ['auth|session', 'event_id'],
    run: replay,
  }),
  command({
    name: 'unread-events replay-all',
    summary: 'The same for all of them, in the order of the log.',
    takes: ['auth|session'],
    run: replayAll,
  }),
];

interface Answer {
  readonly replayed: readonly string[];
  readonly remaining: boolean;
}

async function replay({ admin, terminal }: Context, { names: [service = '', id = ''] }: Input): Promise<number> {
  const { replayed } = await admin.call<Answer>(ownerOf(service), 'POST', `${pathOf(service)}/replay`, { body: { event_ids: [id] } });
  if (replayed.length === 0) throw new CliError(EXIT.refused, `There is no unread event ${id} with the ${service} service.`);
  terminal.print(terminal.json ? JSON.stringify({ replayed }, null, 2) : `${id} is in the log again.`);
  return EXIT.done;
}

async function replayAll({ admin, terminal }: Context, { names: [service = ''] }: Input): Promise<number> {
  const replayed: string[] = [];
  for (let more = true; more; ) {
    const page: Answer = await admin.call(ownerOf(service), 'POST', `${pathOf(service)}/replay`, { body: { all: true } });
    replayed.push(...page.replayed);
    more = page.remaining;
    if (more) terminal.progress(`${replayed.length} …`);
  }
  terminal.print(terminal.json ? JSON.stringify({ replayed }, null, 2) : `${replayed.length} in the log again`);
  return EXIT.done;
}

function pathOf(service: string): string {
  return `/admin/${service}/unread-events`;
}

function ownerOf(service: string): Owner {
  if (!OWNERS.includes(service))
    throw new CliError(EXIT.usage, `Unread events are with ${OWNERS.join(' and ')}: the others' have no reader.`);
  return service as Owner;
}
