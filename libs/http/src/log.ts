import { type DestinationStream, type Logger as Pino, pino, stdSerializers } from 'pino';
import { currentRequestId } from './request-context.js';

/**
 * The only fields a log line may carry. An allow-list, because a deny-list forgets the next secret (SECURITY.md, Logs):
 * no token, code, cookie, password, URL with a query, form field or header is in it.
 */
export const LOG_FIELDS = [
  'service',
  'instance',
  'context',
  'request_id',
  'method',
  'route',
  'status',
  'ms',
  'listener',
  'address',
  'error',
  'detail',
  'callee',
  'path',
  'caller',
  'kind',
  'attempt',
  'sid',
  'gid',
  'sub',
  'client_id',
  'jti',
  'consent_id',
  'delivery_id',
  'event_id',
  'event',
  'source',
  'partition',
  'position',
  'count',
  'reason',
  'name',
  'ok',
  'end_id',
  'kid',
  'alg',
  'state',
  'view_id',
  'confirmed',
  'member',
  'port',
  'host',
  'url',
  'file',
  'age_ms',
  'delay_ms',
  'action',
  'settings',
  'via',
  'initiated_by',
  'actor',
] as const;
export type LogFields = Partial<Record<(typeof LOG_FIELDS)[number], string | number | boolean | null | readonly string[]>>;
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

const ALLOWED: ReadonlySet<string> = new Set(LOG_FIELDS);

/** JSON lines on stdout, one event a line. Every line inside a request carries its id. */
export class Log {
  private constructor(private readonly pino: Pino) {}

  static open(options: { level: string; service: string; instance?: string }, destination?: DestinationStream): Log {
    const base = { service: options.service, ...(options.instance ? { instance: options.instance } : {}) };
    return new Log(
      pino(
        { level: options.level, base, serializers: { err: describeError }, timestamp: pino.stdTimeFunctions.isoTime },
        destination ?? pino.destination({ sync: false }),
      ),
    );
  }

  with(fields: LogFields): Log {
    return new Log(this.pino.child(allowed(fields)));
  }

  /** For whoever would make the fields of a line that nobody reads, for every request. */
  writes(level: LogLevel): boolean {
    return this.pino.isLevelEnabled(level);
  }

  debug(message: string, fields: LogFields = {}): void {
    this.write('debug', message, fields);
  }
  info(message: string, fields: LogFields = {}): void {
    this.write('info', message, fields);
  }
  warn(message: string, fields: LogFields = {}, error?: unknown): void {
    this.write('warn', message, fields, error);
  }
  error(message: string, fields: LogFields = {}, error?: unknown): void {
    this.write('error', message, fields, error);
  }

  flush(): void {
    this.pino.flush();
  }

  private write(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields: LogFields, error?: unknown): void {
    if (!this.pino.isLevelEnabled(level)) return;
    const requestId = currentRequestId();
    this.pino[level](
      { ...(requestId ? { request_id: requestId } : {}), ...allowed(fields), ...(error === undefined ? {} : { err: error }) },
      message,
    );
  }
}

function allowed(fields: LogFields): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) if (ALLOWED.has(name) && value !== undefined) kept[name] = value;
  return kept;
}

/** Name, code, message and stack only: a driver's error carries parameters, a fetch error carries headers. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const { type, message, stack } = stdSerializers.err(error);
  const code = (error as { code?: unknown }).code;
  return { type, message, stack, ...(typeof code === 'string' ? { code } : {}) };
}
