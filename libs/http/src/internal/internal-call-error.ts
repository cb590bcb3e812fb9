/**
 * unavailable: no answer, a timeout, or a 5xx: ask again later. refused: the callee understood and said no.
 * invalid: one of the two ends broke the contract.
 */
export type InternalCallFailure = 'unavailable' | 'refused' | 'invalid';

export class InternalCallError extends Error {
  constructor(
    readonly kind: InternalCallFailure,
    readonly path: string,
    /** HTTP status of the callee's answer; null when there was none. */
    readonly status: number | null,
    /** The `error` member of the callee's answer. */
    readonly code: string | null,
    options?: { cause?: unknown; detail?: string },
  ) {
    super(
      `internal call ${path}: ${kind}${status === null ? '' : ` (${status}${code ? ` ${code}` : ''})`}${options?.detail ? `: ${options.detail}` : ''}`,
      { cause: options?.cause },
    );
    this.name = 'InternalCallError';
  }
}
