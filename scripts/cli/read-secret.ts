import { createInterface } from 'node:readline';
import { CliError, EXIT } from './exit-codes.js';

/** A line of standard input, not echoed on a terminal. Never an argument: those are in every process list and shell history. */
export async function readSecret(prompt: string): Promise<string> {
  const { stdin, stderr } = process;
  if (stdin.isTTY) stderr.write(`${prompt}: `);
  const lines = createInterface({ input: stdin, terminal: stdin.isTTY === true });
  try {
    for await (const line of lines) if (line !== '') return line;
  } finally {
    lines.close();
    if (stdin.isTTY) stderr.write('\n');
  }
  throw new CliError(EXIT.usage, `${prompt}: nothing was typed.`);
}
