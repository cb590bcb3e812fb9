/** What a script may rely on. */
export const EXIT = {
  done: 0,
  /** The server refused, or there is no such thing. */
  refused: 1,
  /** The command line is wrong. */
  usage: 2,
  /** No token, or one that may not. */
  notAllowed: 3,
  /** Can't be reached, or answered 503: try again. */
  unavailable: 4,
  /** Done and durable, but not every process has confirmed it yet: it holds within the freshness bound. */
  notConfirmed: 5,
  /** `check` found something. */
  findings: 6,
  /** `apply` without --yes, and nobody to ask: it was shown and not done. */
  changesPending: 7,
} as const;

/** One sentence for the operator, and the code that the process exits with. */
export class CliError extends Error {
  constructor(
    readonly exitCode: number,
    message: string,
  ) {
    super(message);
  }
}
