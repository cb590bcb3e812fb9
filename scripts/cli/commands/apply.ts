import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Command, type Context, command } from '../command.js';
import { confirmed } from '../confirm.js';
import { CliError, EXIT } from '../exit-codes.js';

interface Change {
  kind: string;
  id: string;
  change: 'created' | 'changed' | 'adopted' | 'returned' | 'left';
  members: { member: string; from?: unknown; to?: unknown }[];
}

interface Plan {
  problems: { where: string; message: string }[];
  needs_restart: string[];
  changes: Change[];
  plan: string | null;
}

/** New users are hashed one after another: 10 ms each. */
const LONG_MS = 600_000;

const SIGNS = {
  created: ['+', ''],
  changed: ['~', ''],
  adopted: ['~', 'the file decides about it from now on'],
  returned: ['+', 'is in the file again: enabled, what was ended stays ended'],
  left: ['-', 'leaves the file: disabled, what hangs from it ends'],
} as const;

/** The import that every start does, while the system runs: shown first, then exactly what was shown. */
export const APPLY_COMMANDS: readonly Command[] = [
  command({
    name: 'apply',
    summary: 'Imports APIs, clients and users of a lanyard.yaml: shows what would change, and does it with --yes or when asked.',
    takes: ['lanyard.yaml'],
    options: { yes: { type: 'boolean' } },
    async run(context, { names: [path = ''], values }) {
      const { admin, terminal } = context;
      const file = {
        name: basename(path)
          .replaceAll(/[^\w.-]/g, '_')
          .slice(0, 100),
        text: await textOf(path),
      };
      const planned = await admin.call<Plan>('auth', 'POST', '/admin/configuration/plan', { body: file });
      if (planned.plan === null) return refused(context, planned);
      if (!terminal.json) terminal.print(shown(planned));
      if (planned.changes.length === 0) return ended(context, planned, EXIT.done);
      if (!values.yes && !(await confirmed('Apply this?'))) return ended(context, planned, EXIT.changesPending);
      const done = await admin.call<Record<string, unknown>>('auth', 'POST', '/admin/configuration/apply', {
        body: { ...file, plan: planned.plan },
        timeoutMs: LONG_MS,
      });
      const exit = done.confirmed === false ? EXIT.notConfirmed : EXIT.done;
      if (terminal.json) terminal.print(JSON.stringify({ applied: true, ...done }, null, 2));
      else
        terminal.print(
          `\nApplied; ${done.ended === 1 ? 'one session' : `${done.ended} sessions`} ended${exit === EXIT.done ? '' : ', not confirmed by every process yet'}.`,
        );
      return exit;
    },
  }),
];

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: Error) => {
    throw new CliError(EXIT.usage, `${path} can't be read: ${error.message}.`);
  });
}

function refused({ terminal }: Context, { problems }: Plan): number {
  if (terminal.json) terminal.print(JSON.stringify({ applied: false, problems }, null, 2));
  else for (const { where, message } of problems) terminal.progress(`${where}: ${message}`);
  return EXIT.refused;
}

function ended({ terminal }: Context, { changes, needs_restart }: Plan, exit: number): number {
  if (terminal.json) terminal.print(JSON.stringify({ applied: false, changes, needs_restart }, null, 2));
  else if (exit === EXIT.changesPending) terminal.progress('Nothing was changed. Say --yes to apply this.');
  return exit;
}

function shown({ changes, needs_restart: restart }: Plan): string {
  const lines = changes.length === 0 ? ['Nothing to do.'] : changes.flatMap(linesOf);
  if (restart.length > 0) lines.push('', `Not part of this, because only a start reads it: ${restart.join(', ')}.`);
  return lines.join('\n');
}

function linesOf({ kind, id, change, members }: Change): string[] {
  const [sign, said] = SIGNS[change];
  const head = `${sign} ${kind.padEnd(6)}  ${id}${said ? `  ${said}` : ''}`;
  return [head, ...members.map(({ member, ...values }) => `            ${member}: ${valuesOf(values)}`)];
}

/** What has no values to show is a secret, or says something about a person. */
function valuesOf(values: { from?: unknown; to?: unknown }): string {
  if (!('to' in values)) return 'changed';
  const text = (value: unknown) => (value === null ? '–' : JSON.stringify(value));
  return `${text(values.from)} → ${text(values.to)}`;
}
