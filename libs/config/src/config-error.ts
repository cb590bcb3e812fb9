import type { LogLevel } from './environment/variables.js';

/** One thing that is wrong: where (an environment variable, or a path inside the file), and what was expected. */
export interface ConfigProblem {
  /** `LANYARD_PEPPER`, or `lanyard.yaml: clients[0].redirect_uris[1] (line 14)`. */
  where: string;
  message: string;
}

/** Everything that is wrong with a configuration, at once; nothing was started and nothing imported. */
export class ConfigError extends Error {
  override readonly name: string = 'ConfigError';

  constructor(readonly problems: readonly ConfigProblem[]) {
    super(problems.map(({ where, message }) => `${where}: ${message}`).join('\n'));
  }
}

/** Where a service listens, and how much it says. */
export interface Place {
  readonly host: string;
  readonly ports: { readonly public: number; readonly internal: number };
  readonly logLevel: LogLevel;
}

/**
 * Nothing is wrong but that files of secrets are not there yet: whoever mounts or writes them may be later than this process, so it may wait for
 * them at its own place. A secret that is given nowhere is a wrong setting: no waiting changes a process's environment.
 */
export class SecretNotThere extends ConfigError {
  override readonly name = 'SecretNotThere';

  constructor(
    problems: readonly ConfigProblem[],
    readonly at: Place,
  ) {
    super(problems);
  }
}
