import type { ServiceWithDoor } from '../admin-client.js';
import { listing } from '../answers.js';
import { type Command, type Context, command, type Input } from '../command.js';
import { CliError, EXIT } from '../exit-codes.js';
import { sheet } from '../output.js';

const READERS = { session: '/admin/sessions/dead-letters', token: '/admin/token/dead-letters' } as const;
interface Replayed {
  readonly id: number;
  readonly replayed: boolean;
  readonly error: string | null;
}
interface Closed {
  readonly id: number;
  readonly closed: boolean;
  readonly error: string | null;
}

const NAMES: readonly string[] = Object.keys(READERS);

const list = (service: keyof typeof READERS): Command =>
  listing({
    name: `dead-letters ${service}`,
    summary: `Events that the ${service} service gave up on.`,
    service,
    path: READERS[service],
    columns: ['id', 'source', 'position', 'name', 'key', 'reason', 'tries', 'at', 'replayed_at', 'closed_at', 'close_reason'],
    filters: { open: { query: 'open', isSwitch: true } },
  });

export const DEAD_LETTER_COMMANDS: readonly Command[] = [
  list('session'),
  list('token'),
  command({
    name: 'dead-letters replay',
    summary: 'Hands one event to its handler again.',
    takes: ['session|token', 'id'],
    run: replay,
  }),
  command({
    name: 'dead-letters replay-all',
    summary: 'The same for all that wait, in the order of the log.',
    takes: ['session|token'],
    run: replayAll,
  }),
  command({
    name: 'dead-letters close',
    summary: 'Takes one off the open ones: it has no event, or its work was done by hand. --reason says why.',
    takes: ['session|token', 'id'],
    options: { reason: { type: 'string' } },
    run: close,
  }),
];

async function replay({ admin, terminal }: Context, { names: [service = '', typed = ''] }: Input): Promise<number> {
  const path = `${pathOf(service)}/replay`;
  const { results } = await admin.call<{ results: Replayed[] }>(service as ServiceWithDoor, 'POST', path, {
    body: { ids: [numberOf(typed)] },
  });
  const [result] = results;
  if (!result) throw new CliError(EXIT.refused, `There is no dead letter ${typed} with the ${service} service.`);
  terminal.print(terminal.json ? JSON.stringify(result, null, 2) : sheet({ ...result }));
  return result.replayed ? EXIT.done : EXIT.refused;
}

/** Page after page; what fails stays open and is said, with its reason. */
async function replayAll({ admin, terminal }: Context, { names: [service = ''] }: Input): Promise<number> {
  const path = `${pathOf(service)}/replay`;
  const results: Replayed[] = [];
  for (let after: number | undefined | null = null; after !== undefined; ) {
    const body: object = after === null ? { all: true } : { all: true, after };
    const page: { results: Replayed[]; after?: number } = await admin.call(service as ServiceWithDoor, 'POST', path, { body });
    results.push(...page.results);
    after = page.after;
    if (after !== undefined) terminal.progress(`${results.length} …`);
  }
  const failed = results.filter(({ replayed }) => !replayed);
  const replayed = results.length - failed.length;
  if (terminal.json) terminal.print(JSON.stringify({ replayed, failed }, null, 2));
  else terminal.print([...failed.map(({ id, error }) => `${id}: ${error}`), `${replayed} replayed, ${failed.length} not`].join('\n'));
  return failed.length === 0 ? EXIT.done : EXIT.refused;
}

/** The server says why not, also of a number that is no letter's. */
async function close({ admin, terminal }: Context, { names: [service = '', typed = ''], values }: Input): Promise<number> {
  const path = `${pathOf(service)}/close`;
  const id = numberOf(typed);
  const { reason } = values;
  if (typeof reason !== 'string' || reason.trim() === '') throw new CliError(EXIT.usage, 'Say why it is closed: --reason TEXT.');
  const { results } = await admin.call<{ results: Closed[] }>(service as ServiceWithDoor, 'POST', path, { body: { ids: [id], reason } });
  const [result] = results;
  terminal.print(terminal.json ? JSON.stringify(result, null, 2) : sheet({ ...result }));
  return result?.closed ? EXIT.done : EXIT.refused;
}

function numberOf(typed: string): number {
  if (!/^[1-9]\d{0,14}$/.test(typed)) throw new CliError(EXIT.usage, `${typed} is not the number of a dead letter.`);
  return Number(typed);
}

function pathOf(service: string): string {
  if (!NAMES.includes(service)) throw new CliError(EXIT.usage, `Dead letters are with ${NAMES.join(' and ')}.`);
  return READERS[service as keyof typeof READERS];
}
