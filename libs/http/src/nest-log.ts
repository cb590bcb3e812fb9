import type { LoggerService } from '@nestjs/common';
import type { Log } from './log.js';

/** Nest's own messages, into our log. Its start-up chatter is debug here. */
export class NestLog implements LoggerService {
  constructor(private readonly target: Log) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.target.debug(text(message), { context: contextOf(rest) });
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.target.error(text(message), { context: contextOf(rest) }, message instanceof Error ? message : undefined);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.target.warn(text(message), { context: contextOf(rest) });
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.target.debug(text(message), { context: contextOf(rest) });
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.target.debug(text(message), { context: contextOf(rest) });
  }
}

function text(message: unknown): string {
  return message instanceof Error ? message.message : String(message);
}

function contextOf(rest: unknown[]): string {
  const last = rest.at(-1);
  return typeof last === 'string' && last.length < 80 ? last : 'Nest';
}
