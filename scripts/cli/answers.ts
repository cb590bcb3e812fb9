import type { Method, ServiceWithDoor } from './admin-client.js';
import { type Command, type Context, command, type Input, type Values } from './command.js';
import { CliError, EXIT } from './exit-codes.js';
import { type Row, sheet, table } from './output.js';

/** The shapes that most commands have: a list, one thing, one act. */
interface Where {
  readonly name: string;
  readonly summary: string;
  readonly service: ServiceWithDoor;
  readonly path: string;
}

interface List extends Where {
  readonly columns: readonly string[];
  /** Option → query member; `true` for a switch. */
  readonly filters?: Record<string, { query: string; isSwitch?: true; isTime?: true }>;
  readonly takes?: readonly string[];
  /** The server answers all of it at once, without pages. */
  readonly unpaged?: true;
}

const DEFAULT_SHOWN = '50';

export function listing({ name, summary, service, path, columns, filters = {}, takes = [], unpaged }: List): Command {
  const own = Object.entries(filters).map(([option, { isSwitch }]) => [option, { type: isSwitch ? 'boolean' : 'string' }] as const);
  return command({
    name,
    summary,
    takes,
    options: { ...Object.fromEntries(own), limit: { type: 'string', default: DEFAULT_SHOWN }, all: { type: 'boolean' } },
    async run({ admin, terminal }, { names, values }) {
      const query = Object.fromEntries(
        Object.entries(filters).map(([option, { query: member, isTime }]) => [member, asked(values[option], isTime)]),
      );
      const most = values.all ? Number.POSITIVE_INFINITY : positive('limit', values.limit);
      const rows: Row[] = [];
      let more = false;
      const where = filled(path, takes, names);
      const found = unpaged
        ? (await admin.call<{ items: Row[] }>(service, 'GET', where, { query })).items
        : admin.all<Row>(service, where, query);
      for await (const row of found) {
        more = rows.length >= most;
        if (more) break;
        rows.push(row);
      }
      terminal.print(terminal.json ? JSON.stringify(rows, null, 2) : table(rows, columns));
      if (more) terminal.progress(`The first ${rows.length}; --limit N or --all for more.`);
      return EXIT.done;
    },
  });
}

export function reading({ name, summary, service, path, takes }: Where & { takes: readonly string[] }): Command {
  return command({
    name,
    summary,
    takes,
    async run({ admin, terminal }, { names }) {
      const thing = await admin.call<Row>(service, 'GET', filled(path, takes, names));
      terminal.print(terminal.json ? JSON.stringify(thing, null, 2) : sheet(thing));
      return EXIT.done;
    },
  });
}

interface Act extends Where {
  readonly takes: readonly string[];
  readonly method?: Method;
  readonly options?: Command['options'];
  body?(input: Input, context: Context): unknown;
}

/** An act prints what the server answered; the exit code says whether every process has confirmed it. */
export function acting({ name, summary, service, path, takes, method = 'POST', options = {}, body }: Act): Command {
  return command({
    name,
    summary,
    takes,
    options,
    async run(context, input) {
      const sent = await body?.(input, context);
      const answer = await context.admin.call<Row>(
        service,
        method,
        filled(path, takes, input.names),
        sent === undefined ? {} : { body: sent },
      );
      return said(context, answer);
    },
  });
}

export function said({ terminal }: Context, answer: Row): number {
  terminal.print(terminal.json ? JSON.stringify(answer, null, 2) : sheet(answer));
  return answer.confirmed === false ? EXIT.notConfirmed : EXIT.done;
}

/** `/admin/sessions/{sid}` with the names as typed. */
export function filled(path: string, takes: readonly string[], names: readonly string[]): string {
  return takes.reduce((done, place, index) => done.replace(`{${place}}`, encodeURIComponent(names[index] ?? '')), path);
}

export function positive(option: string, value: Values[string]): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new CliError(EXIT.usage, `--${option} takes a number from 1.`);
  return number;
}

/** Times are typed as dates (`2026-11-21`, `2026-11-21T08:00:00Z`). */
function asked(value: Values[string], isTime?: true): unknown {
  if (value === undefined || !isTime) return value;
  const at = Date.parse(String(value));
  if (Number.isNaN(at)) throw new CliError(EXIT.usage, `${String(value)} is not a date.`);
  return at;
}
