/**
 * scripts/cli owns the `lanyard` command: what an operator does from a terminal. It talks to the admin API over HTTP like any other client, and
 * to the database only for `restore`, when no service may run. Each command is a value in `commands/`; this file finds and runs it.
 */
import { AdminClient } from './admin-client.js';
import type { Command, Context } from './command.js';
import { COMMANDS } from './commands.js';
import { credentialsFrom } from './credentials.js';
import { CliError, EXIT } from './exit-codes.js';
import { help } from './help.js';
import { parseArguments } from './parse-arguments.js';

const GLOBAL = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;

async function main(argv: readonly string[]): Promise<number> {
  const command = commandOf(argv);
  if (!command) {
    const asked = argv.length === 0 || argv.includes('--help') || argv.includes('-h') || argv[0] === 'help';
    (asked ? console.log : console.error)(help(COMMANDS, argv[0]));
    return asked ? EXIT.done : EXIT.usage;
  }
  const { values, positionals } = parsed(command, argv.slice(command.name.split(' ').length));
  if (values.help) {
    console.log(help([command]));
    return EXIT.done;
  }
  if (positionals.some((name) => name.trim() === '')) throw new CliError(EXIT.usage, `lanyard ${command.name}: a name is empty.`);
  const required = command.takes.filter((name) => !name.startsWith('['));
  if (positionals.length < required.length || positionals.length > command.takes.length)
    throw new CliError(
      EXIT.usage,
      `Usage: lanyard ${command.name} ${command.takes.map((name) => (name.startsWith('[') ? name : `<${name}>`)).join(' ')}`,
    );
  return command.run(contextOf(values.json === true), { names: positionals, values });
}

function commandOf(argv: readonly string[]): Command | undefined {
  return COMMANDS.find(({ name }) => name.split(' ').every((word, index) => argv[index] === word));
}

function parsed(command: Command, args: string[]) {
  const { values, positionals } = parseArguments(args, { ...command.options, ...GLOBAL });
  return { values: values as Record<string, string | boolean | undefined>, positionals };
}

function contextOf(json: boolean): Context {
  const terminal = { json, print: (text: string) => console.log(text), progress: (text: string) => console.error(text) };
  let admin: AdminClient | undefined;
  return {
    get admin() {
      admin ??= new AdminClient(credentialsFrom(process.env));
      return admin;
    },
    terminal,
    env: process.env,
  };
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof CliError ? error.message : error);
  process.exitCode = error instanceof CliError ? error.exitCode : EXIT.refused;
}
