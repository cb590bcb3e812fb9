/** One thing that is wrong: where (an environment variable, or a path inside the file), and what was expected. */
export interface ConfigProblem {
  /** `LANYARD_PEPPER`, or `lanyard.yaml: clients[0].redirect_uris[1] (line 14)`. */
  where: string;
  message: string;
}

/** Everything that is wrong with a configuration, at once; nothing was started and nothing imported. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly ConfigProblem[]) {
    super(problems.map(({ where, message }) => `${where}: ${message}`).join('\n'));
  }
}
