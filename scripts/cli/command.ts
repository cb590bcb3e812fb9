import type { ParseArgsConfig } from 'node:util';
import type { AdminClient } from './admin-client.js';

export type Values = Record<string, string | boolean | undefined>;

export interface Input {
  readonly names: readonly string[];
  readonly values: Values;
}

export interface Terminal {
  /** `--json`: what the server said, for scripts. */
  readonly json: boolean;
  print(text: string): void;
  /** Progress of long work, on stderr so that it is never part of the result. */
  progress(text: string): void;
}

export interface Context {
  readonly admin: AdminClient;
  readonly terminal: Terminal;
  readonly env: NodeJS.ProcessEnv;
}

/** One command of the CLI. `run` answers the exit code. */
export interface Command {
  /** As typed: `sessions end`. */
  readonly name: string;
  /** Names after the command: `<sid>`. */
  readonly takes: readonly string[];
  readonly summary: string;
  readonly options: NonNullable<ParseArgsConfig['options']>;
  run(context: Context, input: Input): Promise<number>;
}

export function command(draft: Omit<Command, 'takes' | 'options'> & Partial<Pick<Command, 'takes' | 'options'>>): Command {
  return { takes: [], options: {}, ...draft };
}
