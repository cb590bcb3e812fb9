import type { Command } from './command.js';
import { EXIT } from './exit-codes.js';

/** One line a command; of one group when it is named. */
export function help(commands: readonly Command[], group?: string): string {
  const ofGroup = commands.filter(({ name }) => name.split(' ')[0] === group);
  const shown = ofGroup.length > 0 ? ofGroup : commands;
  const calls = shown.map((command) => [callOf(command), command.summary] as const);
  const width = Math.max(...calls.map(([call]) => call.length));
  const codes = Object.entries(EXIT).map(([name, code]) => `${code} ${name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`);
  return [
    'Usage: lanyard <command> [--json]',
    '',
    ...calls.map(([call, summary]) => `  ${call.padEnd(width)}  ${summary}`),
    '',
    'LANYARD_ISSUER (default http://localhost:4000), LANYARD_CLIENT_ID and LANYARD_CLIENT_SECRET or LANYARD_CLIENT_SECRET_FILE say where and who.',
    `Exit codes: ${codes.join(', ')}.`,
  ].join('\n');
}

function callOf({ name, takes, options }: Command): string {
  const names = takes.map((place) => (place.startsWith('[') ? place : `<${place}>`));
  const flags = Object.entries(options).map(([option, { type }]) => `[--${option}${type === 'string' ? ' …' : ''}]`);
  return [name, ...names, ...flags].join(' ');
}
