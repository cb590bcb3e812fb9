import { type ParseArgsConfig, parseArgs } from 'node:util';
import { CliError, EXIT } from './exit-codes.js';

type Options = NonNullable<ParseArgsConfig['options']>;

/** Ids are base64url: one in 64 begins with a dash, and is a name or a value all the same. Of our own switches only `-h` has one dash. */
const ID = /^[A-Za-z0-9_-]{22,}$/;

export function parseArguments(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: unambiguous(args, options), options, allowPositionals: true });
  } catch (error) {
    throw new CliError(EXIT.usage, error instanceof Error ? error.message : String(error));
  }
}

/** Options with their values in one piece, then everything that is a name behind `--`. */
function unambiguous(args: readonly string[], options: Options): string[] {
  const switches: string[] = [];
  const names: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    const value = args[index + 1];
    if (arg === '--') {
      names.push(...args.slice(index + 1));
      break;
    }
    if (isName(arg, options)) names.push(arg);
    else if (options[arg.slice(2)]?.type === 'string' && value !== undefined && !isOption(value, options)) {
      switches.push(`${arg}=${value}`);
      index += 1;
    } else switches.push(arg);
  }
  return [...switches, '--', ...names];
}

function isName(arg: string, options: Options): boolean {
  if (!arg.startsWith('-')) return true;
  return ID.test(arg) && !isOption(arg, options);
}

function isOption(arg: string, options: Options): boolean {
  return arg.startsWith('--') && Object.hasOwn(options, arg.slice(2).split('=')[0] ?? '');
}
