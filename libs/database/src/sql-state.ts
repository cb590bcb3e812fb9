/**
 * What an error of the database means to a boundary: `isUnavailable` → 503 and the caller may try again, `isUniqueViolation` →
 * somebody else was first. Anything else is ours to fix.
 */
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** PostgreSQL, Appendix A. Classes 08 (connection) and 53 (resources) are added below. */
const STATES = new Set([
  '57014', // query_canceled: our statement_timeout
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now: starting up or shutting down
  '57P05', // idle_session_timeout
  '25P03', // idle_in_transaction_session_timeout
  '25006', // read_only_sql_transaction: a standby, after a fail-over
  '55P03', // lock_not_available: our lock_timeout
  '40001', // serialization_failure, after the retries
  '40P01', // deadlock_detected, after the retries
]);

/** pg reports these without any code. */
const MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end|Driver not Connected)/;

export function sqlState(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, driverError } = error as { code?: unknown; driverError?: unknown };
  if (typeof code === 'string') return code;
  return driverError === undefined ? undefined : sqlState(driverError);
}

export function isUniqueViolation(error: unknown): boolean {
  return sqlState(error) === '23505';
}

export function isUnavailable(error: unknown): boolean {
  if (error instanceof AggregateError && error.errors.some(isUnavailable)) return true;
  const code = sqlState(error);
  if (code !== undefined && (NETWORK.has(code) || STATES.has(code) || /^(08|53)...$/.test(code))) return true;
  return error instanceof Error && MESSAGES.test(error.message);
}
