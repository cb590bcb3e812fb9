import type { LoggerService } from '@nestjs/common';
import type { Log, LogFields } from './log.js';

/** Nest's own messages, into our log. Its start-up chatter is debug here. */
export class NestLog implements LoggerService {
  constructor(private readonly target: Log) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.target.debug(text(message), { context: contextOf(rest) });
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.target.error(text(message), { ...fieldsOf(message), context: contextOf(rest) }, message instanceof Error ? message : undefined);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.target.warn(text(message), { ...fieldsOf(message), context: contextOf(rest) });
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.target.debug(text(message), { context: contextOf(rest) });
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.target.debug(text(message), { context: contextOf(rest) });
  }
}

function text(message: unknown): string {
  if (message instanceof Error) return message.message;
  const { message: inside } = isFields(message) ? message : { message };
  return String(inside);
}

/** What our own parts log through Nest as an object; the allow-list of fields holds here as everywhere. */
function fieldsOf(message: unknown): LogFields {
  if (!isFields(message)) return {};
  const { message: _, ...fields } = message;
  return fields;
}

function isFields(message: unknown): message is { message: string } & LogFields {
  return typeof message === 'object' && message !== null && !(message instanceof Error) && 'message' in message;
}

function contextOf(rest: unknown[]): string {
  const last = rest.at(-1);
  return typeof last === 'string' && last.length < 80 ? last : 'Nest';
}
